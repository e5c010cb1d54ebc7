import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Api } from '../support/api.ts'
import { eventText } from '../support/events.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

const EVENTS = 300
const REFUSED = [0, 17, 140, 299]

let service: TestService
let api: Api

beforeAll(async () => {
  service = await startTestService({ history: 'postgres' })
  api = new Api(service.url)
  const client = new pg.Client(service.database?.databaseUrl)
  await client.connect()
  await client.query(`ALTER TABLE events ADD CONSTRAINT refused CHECK (event_id !~ '^refused')`)
  await client.end()
})
afterAll(() => service?.stop())

const id = (i: number) => (REFUSED.includes(i) ? `refused-${i}` : `taken-${i}`)

it('sets aside the events that Postgres refuses, with its reason, and delivers all others', async () => {
  const texts = Array.from({ length: EVENTS }, (_, i) => eventText({ conversation: 'mixed', id: id(i), request: 'mixed' }))
  expect((await api.post(`[${texts.join(',')}]`)).status).toBe(201)
  await waitFor('the conversation is delivered', 30, () => api.persisted('mixed'))

  const feed = await api.all('/v1/events', 'limit=200')
  expect(feed.map(({ text }) => JSON.parse(text).event_id)).toEqual(
    Array.from({ length: EVENTS }, (_, i) => id(i)).filter((one) => one.startsWith('taken')),
  )
  const aside = await api.json<{ items: Record<string, unknown>[] }>('/v1/quarantine')
  expect(aside.items.map(({ event_id }) => event_id)).toEqual(REFUSED.map(id))
  expect(aside.items[1]).toMatchObject({
    conversation_id: 'mixed',
    seq: 18,
    code: '23514',
    reason: expect.stringContaining('refused'),
  })
  expect((await api.get('/v1/events/refused-17')).status).toBe(200)
  const conversation = await api.all('/v1/conversations/mixed/events', 'limit=250')
  expect(conversation.map(({ text }) => text)).toEqual(texts)
})

it('sets aside an event whose id stands in another conversation, and tells a writer who waits for Postgres', async () => {
  const first = eventText({ conversation: 'first', id: 'twice' })
  const second = eventText({ conversation: 'second', id: 'twice' })
  await (await api.post(first, '?ack=persisted')).json()
  const answer = await api.post(second, '?ack=persisted')
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ recorded: 0, conflicts: ['twice'] })
  expect(await (await api.get('/v1/events/twice')).text()).toContain(first)
  const aside = await api.json<{ items: { conversation_id: string; code: string }[] }>('/v1/quarantine?limit=100')
  expect(aside.items.find((item) => item.conversation_id === 'second')?.code).toBe('duplicate-event-id')
  const said = () => service.logged.find((line) => line.includes('set aside') && line.includes('"second"'))
  await waitFor('the log tells of it', 10, async () => said() !== undefined)
})
