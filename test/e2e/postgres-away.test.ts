import { afterAll, beforeAll, expect, it } from 'vitest'
import { Api } from '../support/api.ts'
import { eventText } from '../support/events.ts'
import { type RestartableDatabase, startRestartableDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

const CONVERSATIONS = 20
const BATCHES = 10
const BATCH = 50

let database: RestartableDatabase
let service: TestService
let api: Api

beforeAll(async () => {
  database = await startRestartableDatabase()
  service = await startTestService({ history: database })
  api = new Api(service.url)
})
afterAll(() => service?.stop())

it('records 10,000 events while Postgres is away and delivers each once, in order, when it is back', async () => {
  await database.takeAway()
  const ids = new Map<string, string[]>()
  const record = async (conversation: string) => {
    for (let batch = 0; batch < BATCHES; batch++) {
      const texts = Array.from({ length: BATCH }, (_, i) =>
        eventText({ conversation, id: `${conversation}-${batch * BATCH + i}`, request: conversation }),
      )
      expect((await api.post(`[${texts.join(',')}]`)).status).toBe(201)
    }
    ids.set(
      conversation,
      Array.from({ length: BATCHES * BATCH }, (_, i) => `${conversation}-${i}`),
    )
  }
  await Promise.all(Array.from({ length: CONVERSATIONS }, (_, i) => record(`away-${i}`)))

  const hot = await api.page('/v1/conversations/away-0/events?limit=500')
  expect(hot.items.map(({ text }) => JSON.parse(text).event_id)).toEqual(ids.get('away-0'))
  const feed = await api.get('/v1/events')
  expect(feed.status).toBe(503)
  expect(Number(feed.headers.get('Retry-After'))).toBeGreaterThan(0)
  expect(await feed.json()).toMatchObject({ type: 'urn:edge-event-store:problem:history-unavailable', status: 503 })
  expect((await api.get('/readyz')).status).toBe(503)
  expect((await api.get('/healthz')).status).toBe(200)

  await database.bringBack()
  await waitFor('everything is in Postgres', 40, async () => {
    const states = await Promise.all([...ids.keys()].map((conversation) => api.persisted(conversation)))
    return states.every(Boolean)
  })
  const items = await api.all('/v1/events', 'limit=2000')
  const delivered = new Map<string, string[]>()
  for (const { text } of items) {
    const { event_id, assistant_request_id } = JSON.parse(text)
    delivered.set(assistant_request_id, [...(delivered.get(assistant_request_id) ?? []), event_id])
  }
  expect(items.length).toBe(CONVERSATIONS * BATCHES * BATCH)
  for (const [conversation, expected] of ids) expect(delivered.get(conversation)).toEqual(expected)
})
