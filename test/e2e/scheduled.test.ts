import pg from 'pg'
import { expect, it } from 'vitest'
import { startTestDatabase } from '../support/postgres.ts'
import { startTestService } from '../support/service.ts'

it('makes the partitions of this month and the next ones when its trigger rings', async () => {
  const service = await startTestService({ history: 'postgres' })
  const client = new pg.Client(service.database?.databaseUrl)
  try {
    await client.connect()
    const partitions = async () => {
      const { rows } = await client.query<{ name: string }>(
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'events'::regclass ORDER BY name`,
      )
      return rows.map(({ name }) => name)
    }
    const before = await partitions()
    await (await service.runtime.getWorker()).scheduled({ cron: '17 3 * * *' })
    const made = (await partitions()).filter((name) => !before.includes(name))
    expect(made.length).toBeGreaterThanOrEqual(2)
    expect(await partitions()).toContain(`events_${new Date().toISOString().slice(0, 7).replace('-', '_')}`)
    expect(JSON.stringify(service.logged)).not.toContain('may change the audit log')
  } finally {
    await client.end()
    await service.stop()
  }
})

it('says so when its trigger rings and the role that it has could change the audit log', async () => {
  const database = await startTestDatabase()
  // That no partitions can be made does not keep it from being said.
  const secrets = { DATABASE_URL: database.databaseUrl, MAINTENANCE_DATABASE_URL: `${database.databaseUrl}-unknown` }
  const service = await startTestService({ history: database, secrets })
  try {
    expect(await (await service.runtime.getWorker()).scheduled({ cron: '17 3 * * *' })).toMatchObject({ outcome: 'exception' })
    expect(JSON.stringify(service.logged)).toContain('the role of DATABASE_URL may change the audit log')
  } finally {
    await service.stop()
  }
})
