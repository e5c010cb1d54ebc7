import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api } from '../support/api.ts'
import { eventText } from '../support/events.ts'
import { LiveClient } from '../support/live.ts'
import { type RestartableDatabase, startRestartableDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { trimmed } from '../support/trimmed.ts'
import { waitFor } from '../support/wait-for.ts'

interface Cleared {
  readonly conversation_id: string
  readonly removed_events: number
}

let database: RestartableDatabase
let service: TestService
let api: Api

beforeAll(async () => {
  database = await startRestartableDatabase()
  service = await startTestService({ history: database, vars: { HOT_RETENTION_SECONDS: '1', PAGE_CACHE_SECONDS: '60' } })
  api = new Api(service.url)
})
afterAll(() => service?.stop())

const textsOf = (conversation: string, count: number, from = 1) =>
  Array.from({ length: count }, (_, i) =>
    eventText({
      conversation,
      id: `${conversation}-${from + i}`,
      request: `of ${conversation}`,
      user: `user of ${conversation}`,
    }),
  )
const bodyOf = (texts: readonly string[]) => `[${texts.join(',')}]`
const pathOf = (conversation: string, query = `?confirm=${encodeURIComponent(conversation)}`) =>
  `/v1/conversations/${encodeURIComponent(conversation)}${query}`
const clear = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${service.url}${path}`, { method: 'DELETE', headers })
describe('DELETE /v1/conversations/{id}', () => {
  it('removes what is on its way, what Postgres has, and what only Postgres has, and nothing else', async () => {
    await api.post(bodyOf(textsOf('kept', 3)), '?ack=persisted')
    await api.post(bodyOf(textsOf('a / b', 3)), '?ack=persisted')
    await trimmed(service, 'a / b')
    const written = await api.post(bodyOf(textsOf('a / b', 2, 4)))
    const session = written.headers.get('Event-Store-Session') ?? ''
    expect(await api.all(pathOf('a / b', '/events'))).toHaveLength(5)
    const full = '/v1/assistant-requests/of%20a%20%2F%20b/events?limit=2'
    expect((await api.page(full, { 'Event-Store-Session': session })).items).toHaveLength(2)

    const answer = await clear(pathOf('a / b'), { 'Event-Store-Session': session })
    expect([answer.status, await answer.json()]).toEqual([200, { conversation_id: 'a / b', removed_events: 5 }])
    const after = { 'Event-Store-Session': answer.headers.get('Event-Store-Session') ?? '' }
    expect(await api.all(pathOf('a / b', '/events'))).toEqual([])
    expect((await api.get(pathOf('a / b', ''))).status).toBe(404)
    expect((await api.get('/v1/events/a%20%2F%20b-1')).status).toBe(404)
    expect((await api.page(full, after)).items).toEqual([])
    expect((await api.all('/v1/events')).map(({ text }) => JSON.parse(text).event_id)).toEqual(['kept-1', 'kept-2', 'kept-3'])
    expect(await api.json('/v1/conversations')).toMatchObject({ items: [{ conversation_id: 'kept', event_count: 3 }] })
    const activity = await api.json<{ points: { events: number }[] }>(
      '/v1/monitor/activity?since=2025-08-28T00:00:00Z&until=2025-08-29T00:00:00Z',
    )
    expect(activity.points.reduce((sum, { events }) => sum + events, 0)).toBe(3)

    const repeated = await clear(pathOf('a / b'))
    expect([repeated.status, await repeated.json()]).toEqual([200, { conversation_id: 'a / b', removed_events: 0 }])
    const again = await api.post(bodyOf(textsOf('a / b', 2)), '?ack=persisted')
    expect(await again.json()).toMatchObject({ recorded: 2, conversations: [{ first_seq: 1, last_seq: 2 }] })
    expect(await api.all(pathOf('a / b', '/events'))).toHaveLength(2)
  })

  it('takes nothing without its name, and nothing of an unknown one', async () => {
    await api.post(bodyOf(textsOf('named', 1)), '?ack=persisted')
    for (const query of ['', '?confirm=', '?confirm=other', '?confirm=default']) {
      const answer = await clear(pathOf('named', query))
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ errors: [{ path: 'confirm' }] })
    }
    expect((await api.get(pathOf('named', ''))).status).toBe(200)
    expect(await (await clear(pathOf('unknown'))).json()).toEqual({ conversation_id: 'unknown', removed_events: 0 })
  })

  it('tells its live readers, who then follow what is recorded next', async () => {
    await api.post(bodyOf(textsOf('followed', 2)))
    const live = new LiveClient(`${service.url}${pathOf('followed', '/live')}`)
    await waitFor('the reader has the history', 10, async () => live.parser.ids.length === 2)
    expect((await clear(pathOf('followed'))).status).toBe(200)
    await waitFor('the reader is told', 10, async () =>
      live.parser.messages.some(({ id, event }) => event === 'up-to-date' && id === '0'),
    )
    await api.post(bodyOf(textsOf('followed', 1, 3)))
    await waitFor('the reader has the next', 10, async () => live.parser.ids.includes('followed-3'))
    live.close()
  })

  it('lists the conversations of a user, for clearing all that someone took part in', async () => {
    await api.post(bodyOf([...textsOf('person', 2), ...textsOf('other', 1)]), '?ack=persisted')
    const list = async () => (await api.json<{ items: Cleared[] }>('/v1/conversations?user_id=user%20of%20person')).items
    const found = await list()
    expect(found.map(({ conversation_id }) => conversation_id)).toEqual(['person'])
    for (const { conversation_id } of found) await clear(pathOf(conversation_id))
    expect(await list()).toEqual([])
    expect(await api.all(pathOf('other', '/events'))).toHaveLength(1)
  })

  it('says so while Postgres is away, and everything can be read until it is back', async () => {
    await api.post(bodyOf(textsOf('away', 2)), '?ack=persisted')
    await database.takeAway()
    const answer = await clear(pathOf('away'))
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ type: 'urn:edge-event-store:problem:history-unavailable' })
    expect(await api.all(pathOf('away', '/events'))).toHaveLength(2)
    await database.bringBack()
    await waitFor('Postgres serves', 20, async () => (await api.get('/readyz')).ok)
    expect(await (await clear(pathOf('away'))).json()).toMatchObject({ removed_events: 2 })
  })
})
