import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Api } from '../support/api.ts'
import { eventText } from '../support/events.ts'
import { startTestService, type TestService } from '../support/service.ts'

const REQUESTS = 2_000

let service: TestService
let api: Api

beforeAll(async () => {
  service = await startTestService({ history: 'postgres' })
  api = new Api(service.url)
})
afterAll(() => service?.stop())

interface BadRequest {
  readonly why: string
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly type?: string
  readonly query?: string
}

const good = eventText({ conversation: 'bad', id: 'good' })
const parsed = JSON.parse(good) as Record<string, unknown>

/** A good event with one member made wrong. */
const mistyped = fc
  .constantFrom('event_id', 'event_type', 'timestamp', 'assistant_request_id', 'event_context', 'data')
  .chain((member) =>
    fc
      .oneof(fc.constant(undefined), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.integer(), { maxLength: 3 }))
      .map((value) => ({ why: `${member} is ${JSON.stringify(value)}`, body: JSON.stringify({ ...parsed, [member]: value }) })),
  )
const wrongText = fc
  .constantFrom(
    { event_id: '' },
    { event_id: '.' },
    { event_id: 'x'.repeat(257) },
    { event_id: 'a\u0000b' },
    { event_id: 'half \ud800' },
    { timestamp: '2025-02-30T00:00:00Z' },
    { timestamp: 'yesterday' },
    { timestamp: '' },
    { event_context: {} },
    { event_context: { invoke_context: {} } },
    { event_context: { invoke_context: { conversation_id: '' } } },
  )
  .map((members) => ({ why: JSON.stringify(members), body: JSON.stringify({ ...parsed, ...members }) }))
const truncated = fc.integer({ min: 0, max: good.length - 1 }).map((at) => ({ why: `cut at ${at}`, body: good.slice(0, at) }))
const trailing = fc
  .string({ minLength: 1, maxLength: 5 })
  .filter((tail) => tail.trim() !== '')
  .map((tail) => ({ why: `followed by ${JSON.stringify(tail)}`, body: `${good}${tail.isWellFormed() ? tail : '!'}` }))
const oneBadAmongGood = fc.tuple(fc.nat(5), mistyped).map(([place, bad]) => ({
  why: `one of a batch: ${bad.why}`,
  body: `[${Array.from({ length: 6 }, (_, i) => (i === place ? bad.body : eventText({ conversation: 'bad' }))).join(',')}]`,
}))
const noEvents = fc
  .oneof(
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.string(),
    fc.constant([]),
    fc.array(fc.integer(), { minLength: 1, maxLength: 3 }),
  )
  .map((value) => ({ why: 'no event', body: JSON.stringify(value) }))
const bytes = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((body) => ({ why: 'bytes', body: new Uint8Array([0xff, ...body]) as Uint8Array<ArrayBuffer> }))
const deep = fc.integer({ min: 260, max: 20_000 }).map((depth) => ({
  why: `${depth} deep`,
  body: good.replace('"input_data": []', `"input_data": [${'['.repeat(depth)}${']'.repeat(depth)}]`),
}))
const doubled = fc
  .constantFrom('event_id', 'event_context', 'data', '__proto__')
  .map((member) => ({ why: `${member} twice`, body: good.replace('{', `{"${member}": 1, "${member}": 1, `) }))
const mediaType = fc
  .constantFrom('', 'text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'application/json; charset=latin1')
  .map((type) => ({ why: `media type ${type}`, body: good, type: type || 'x/y' }))
const query = fc
  .constantFrom('?ack=maybe', '?expected_seq=-1', '?expected_seq=1.5', '?on_conflict=x', '?unknown=1', '?ack=durable&ack=durable')
  .map((text) => ({ why: text, body: good, query: text }))
const lines = fc.tuple(fc.nat(3), mistyped).map(([place, bad]) => ({
  why: `one of the lines: ${bad.why}`,
  type: 'application/x-ndjson',
  body: Array.from({ length: 4 }, (_, i) => (i === place ? bad.body : eventText({ conversation: 'bad' }))).join('\n'),
}))

const badRequest: fc.Arbitrary<BadRequest> = fc.oneof(
  mistyped,
  wrongText,
  truncated,
  trailing,
  oneBadAmongGood,
  noEvents,
  bytes,
  deep,
  doubled,
  mediaType,
  query,
  lines,
)

it(`answers ${REQUESTS} bad requests with problem details and stores nothing of them`, async () => {
  await fc.assert(
    fc.asyncProperty(badRequest, async ({ body, type, query: parameters }) => {
      const answer = await api.post(body, parameters, type)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.status).toBeLessThan(500)
      expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
      const problem = (await answer.json()) as Record<string, unknown>
      expect(problem.type).toMatch(/^urn:edge-event-store:problem:[\w-]+$/)
      expect(problem.status).toBe(answer.status)
      expect(String(problem.detail).length).toBeGreaterThan(10)
    }),
    { numRuns: REQUESTS },
  )
  expect((await api.get('/v1/conversations/bad')).status).toBe(404)
  expect((await api.page('/v1/events')).items).toEqual([])
}, 180_000)

it('names the event, the member and the rule', async () => {
  const bad = JSON.stringify({ ...parsed, event_context: { invoke_context: { conversation_id: 7 } } })
  const answer = await api.post(`[${good},${bad}]`)
  expect(answer.status).toBe(422)
  expect(((await answer.json()) as { errors: unknown }).errors).toEqual([
    { index: 1, path: 'event_context.invoke_context.conversation_id', message: 'has the wrong type: send a string' },
  ])
})

it('refuses what is announced as too large before it has read it', async () => {
  const answer = await answerToHead(`${service.url}/v1/events`, 16 * 1024 * 1024 + 1)
  expect(answer.status).toBe(413)
  expect(JSON.parse(answer.text)).toMatchObject({ limit: 'request_bytes', maximum: 16 * 1024 * 1024 })
})

it('refuses too many events and too large ones', async () => {
  const many = await api.post(`[${Array.from({ length: 5_001 }, () => '{}').join(',')}]`)
  expect(many.status).toBe(413)
  expect(await many.json()).toMatchObject({ limit: 'request_events', maximum: 5_000 })
  const large = await api.post(good.replace('"input_data": []', `"input_data": [{"content": "${'x'.repeat(4 * 1024 * 1024)}"}]`))
  expect(large.status).toBe(413)
  expect(await large.json()).toMatchObject({ limit: 'event_bytes', maximum: 4 * 1024 * 1024 })
})

/** Sends the head of a request and a single byte of the body that it announces. */
function answerToHead(url: string, announced: number): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': announced }
    const sent = request(url, { method: 'POST', headers }, (answer) => {
      text(answer).then((body) => {
        sent.destroy()
        resolve({ status: answer.statusCode ?? 0, text: body })
      }, reject)
    })
    sent.on('error', reject)
    sent.write('[')
  })
}
