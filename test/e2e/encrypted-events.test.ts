import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EventCodec, eventEncryption, HttpEventStore } from '../../src/client/index.ts'
import { eventGraph } from '../../src/model/event-graph.ts'
import { stringifyJson } from '../../src/model/json.ts'
import { requestSummary } from '../../src/model/request-summary.ts'
import { sampleRun } from '../../src/model/sample-run.ts'
import { seededRandom } from '../../src/model/sample-text.ts'
import { Api } from '../support/api.ts'
import { startTestService, type TestService } from '../support/service.ts'

let service: TestService
let database: pg.Client

const keys = new Map([
  ['ann', new Uint8Array(32).fill(1)],
  ['bob', new Uint8Array(32).fill(2)],
])

beforeAll(async () => {
  service = await startTestService({ history: 'postgres' })
  database = new pg.Client({ connectionString: service.database?.databaseUrl })
  await database.connect()
})
afterAll(async () => {
  await database?.end()
  await service?.stop()
})

function connect(lines: string[] = []): HttpEventStore {
  const encryption = eventEncryption({ keyIdOf: ({ user_id }) => user_id || null, keyOf: (id) => keys.get(id) })
  return new HttpEventStore({ url: service.url, encryption, codec: new EventCodec({ log: (line) => lines.push(line) }) })
}

function runOf(user: string) {
  const run = sampleRun({
    conversationId: `of ${user}`,
    assistantRequestId: `request of ${user}`,
    startedAt: new Date('2025-08-28T10:40:11.078Z'),
    turns: 1,
    random: seededRandom(user.length),
  })
  for (const { event_context } of run) event_context.invoke_context.user_id = user
  return run
}

/** Words that the run's messages hold. */
function wordsOf(run: readonly unknown[]): string[] {
  const text = JSON.stringify(run, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  return [...new Set([...text.matchAll(/"content":"([^"\\]{12,60})/g)].map(([, said = '']) => said))]
}

it('stores nothing readable of what was said, and works on all the rest', async () => {
  const run = runOf('ann')
  const store = connect()
  expect(await store.recordEvents(run, { ack: 'persisted' })).toMatchObject({ recorded: run.length })
  const { rows } = await database.query(`SELECT event::text AS event FROM events WHERE conversation_id = 'of ann' ORDER BY seq`)
  expect(rows).toHaveLength(run.length)
  const stored = rows.map(({ event }) => event as string)
  const words = wordsOf(run)
  expect(words.length).toBeGreaterThan(3)
  for (const said of words) expect(stored.filter((text) => text.includes(said))).toEqual([])
  expect(stored.every((text) => text.includes('enc:v1:ann:') && text.includes('"ann"'))).toBe(true)

  expect(await store.getConversationEvents('of ann')).toEqual(run)
  expect(await store.getAgentEvents('request of ann')).toEqual(run)
  expect(await store.getTopicEvents('agent_input_topic', [0])).toHaveLength(1)
  const api = new Api(service.url)
  expect(await api.json('/v1/conversations/of%20ann/graph')).toMatchObject({ nodes: eventGraph(run).nodes })
  expect(await api.json('/v1/assistant-requests/request%20of%20ann/summary')).toEqual(requestSummary(run))
})

it('takes the same event again for the same, from another process as well', async () => {
  const run = runOf('bob')
  await connect().recordEvents(run)
  expect(await connect().recordEvents(run, { onConflict: 'reject' })).toMatchObject({
    recorded: 0,
    duplicates: run.length,
    conflicts: [],
  })
  const [first] = run
  const other = { ...first, data: { ...(first?.data as object), note: 'other' } } as typeof first & object
  expect(await connect().recordEvent(other)).toMatchObject({ recorded: 0, conflicts: [first?.event_id] })
})

it('forgets a person with the key, and no other', async () => {
  const [ann, bob] = [runOf('ann'), runOf('bob')]
  await connect().recordEvents([...ann, ...bob])
  keys.delete('ann')
  const lines: string[] = []
  const store = connect(lines)
  const forgotten = await store.getConversationEvents('of ann')
  expect(forgotten.map(({ event_id, event_type }) => [event_id, event_type])).toEqual(
    ann.map(({ event_id, event_type }) => [event_id, event_type]),
  )
  for (const said of wordsOf(ann)) expect(stringifyJson(forgotten)).not.toContain(said)
  expect(requestSummary(forgotten)).toEqual(requestSummary(ann))
  expect(await store.getConversationEvents('of bob')).toEqual(bob)
  expect(lines).toEqual(['There is no key "ann": what it encrypted is left as it is'])
})
