import pg from 'pg'
import { expect, it } from 'vitest'
import { Api } from '../support/api.ts'
import { eventText } from '../support/events.ts'
import { startTestDatabase } from '../support/postgres.ts'
import { startTestService } from '../support/service.ts'

it('erases with the role for it alone: without one it says what to set, and keeps everything', async () => {
  const database = await startTestDatabase()
  const service = await startTestService({ history: database, secrets: { MAINTENANCE_DATABASE_URL: '' } })
  try {
    const api = new Api(service.url)
    expect((await api.post(eventText({ conversation: 'kept', id: 'kept-1' }), '?ack=persisted')).status).toBe(201)
    for (const path of ['/v1/events?confirm=default', '/v1/conversations/kept?confirm=kept']) {
      const answer = await fetch(service.url + path, { method: 'DELETE' })
      expect(answer.status).toBe(503)
      expect(await answer.json()).toMatchObject({
        type: 'urn:edge-event-store:problem:not-configured',
        detail: expect.stringContaining('set MAINTENANCE_DATABASE_URL'),
      })
    }
    const owner = new pg.Client(database.databaseUrl)
    await owner.connect()
    const { rows } = await owner.query(
      'SELECT DISTINCT usename AS name FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    )
    await owner.end()
    expect(rows).toEqual([{ name: 'worker' }])
    expect((await api.all('/v1/events')).length).toBe(1)
    expect((await api.all('/v1/conversations/kept/events')).length).toBe(1)
  } finally {
    await service.stop()
  }
})
