import pg from 'pg'
import { expect, it } from 'vitest'
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
    await service.harness.getWorker().scheduled({ cron: '17 3 * * *' })
    const made = (await partitions()).filter((name) => !before.includes(name))
    expect(made.length).toBeGreaterThanOrEqual(2)
    expect(await partitions()).toContain(`events_${new Date().toISOString().slice(0, 7).replace('-', '_')}`)
  } finally {
    await client.end()
    await service.stop()
  }
})
