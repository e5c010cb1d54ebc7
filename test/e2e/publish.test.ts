import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SESSION_HEADER } from '../../src/protocol/session.ts'
import { Api } from '../support/api.ts'
import {
  activityStartOfVersion3,
  workerStartOfVersion2,
  workflowEndOfVersion3,
  workflowStartOfVersion2,
} from '../support/application-events.ts'
import { type Published, publish } from '../support/dapr.ts'
import { postBytes } from '../support/post-bytes.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

/** The text that is stored of one that lacks its id only. */
const withId = (id: string | undefined, sent: string) => `{"event_id":"${id}",${sent.slice(1)}`

const idOf = ({ answer }: Published) => answer.event_ids[0] as string

describe.each(['postgres', 'in-memory'] as const)('published to a service on %s', (history) => {
  let service: TestService
  let api: Api

  beforeAll(async () => {
    service = await startTestService({ history })
    api = new Api(service.url)
  })
  afterAll(() => service?.stop())

  const send = (body: string, headers: Record<string, string> = {}) => publish(service.url, body, headers)
  const logOf = (run: string) => api.all(`/v1/conversations/${encodeURIComponent(`workflow:${run}`)}/events`)
  const textsOf = async (path: string, query = '') => (await api.all(path, query)).map(({ text }) => text)
  const delivered = (conversationId: string) => waitFor('delivery', 30, async () => (await api.persisted(conversationId)) || null)

  it('a run of versions 2 and 3 is read by run, id, name, type and topic, byte for byte', async () => {
    const run = randomUUID()
    const sent = [workflowStartOfVersion2({ run }), activityStartOfVersion3({ run }), workflowEndOfVersion3({ run })]
    const answers: Published[] = []
    for (const body of sent) answers.push(await send(body))
    for (const { status, answer } of answers)
      expect({ status, published: answer.published }).toEqual({ status: 202, published: 1 })
    const expected = sent.map((body, i) => withId(answers[i]?.answer.event_ids[0], body))

    const log = await logOf(run)
    expect(log.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(log.map(({ text }) => text)).toEqual(expected)

    await delivered(`workflow:${run}`)
    const id = encodeURIComponent(answers[0]?.answer.event_ids[0] as string)
    expect(await (await api.get(`/v1/events/${id}`)).text()).toContain(`"event":${expected[0]}}`)
    const ofRun = (texts: string[]) => texts.filter((text) => text.includes(run))
    expect(ofRun(await textsOf('/v1/events', 'event_name=workflow_end'))).toEqual([expected[2]])
    expect(ofRun(await textsOf('/v1/events', 'event_type=application_events'))).toEqual(expected)
    expect(ofRun(await textsOf('/v1/topics/application_events/events', 'limit=2'))).toEqual(expected)
    expect(await textsOf('/v1/topics/application_events/events', `conversation_id=workflow:${run}`)).toEqual(expected)
  })

  it('retries leave one start and one end of a run, and a start of each attempt of an activity', async () => {
    const run = randomUUID()
    const bodies = [
      workflowStartOfVersion2({ run }),
      workflowStartOfVersion2({ run }),
      workflowStartOfVersion2({ run, attempt: 2, created: 1756377615 }),
      activityStartOfVersion3({ run }),
      activityStartOfVersion3({ run, created: 1756377700 }),
      activityStartOfVersion3({ run, attempt: 2, created: 1756377800 }),
      workflowEndOfVersion3({ run, attempt: 3 }),
    ]
    for (const body of bodies) {
      const { status, answer } = await send(body)
      expect(status).toBe(202)
      expect(answer).toEqual({ published: 1, event_ids: [expect.stringMatching(/^[0-9a-f]{32}$/)] })
    }
    const log = (await logOf(run)).map(({ text }) => JSON.parse(text))
    expect(log.map(({ event_name, metadata }) => [event_name, metadata.attempt])).toEqual([
      ['workflow_start', 1],
      ['activity_start', 1],
      ['activity_start', 2],
      ['workflow_end', 3],
    ])
    await delivered(`workflow:${run}`)
    expect((await textsOf('/v1/events', 'event_name=workflow_start')).filter((text) => text.includes(run))).toHaveLength(1)
    expect(await api.json('/v1/quarantine')).toMatchObject({ items: [] })
  })

  it('repeats at once leave one event', async () => {
    const run = randomUUID()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => send(workflowStartOfVersion2({ run, attempt: 1 + (i % 3) }))),
    )
    expect(new Set(answers.map(idOf)).size).toBe(1)
    expect(answers.every(({ status, answer }) => status === 202 && answer.published === 1)).toBe(true)
    expect(await logOf(run)).toHaveLength(1)
  })

  it('events of no run are read by their topic, page by page, in the order of recording', async () => {
    const topic = `topic é/${randomUUID()}`
    const body = workerStartOfVersion2(topic)
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.push(idOf(await send(body)))
    expect(new Set(ids).size).toBe(5)
    const path = `/v1/topics/${encodeURIComponent(topic)}/events`
    const stored = await waitFor('delivery', 30, async () => {
      const texts = await textsOf(path, 'limit=2')
      return texts.length === 5 ? texts : null
    })
    expect([...stored].sort()).toEqual(ids.map((id) => withId(id, body)).sort())
    expect(await textsOf(path, 'offsets=')).toEqual([])
    expect(await textsOf(path, 'offsets=0')).toEqual([])
  })

  it('arrays and lines are published together, and with a key once', async () => {
    const topic = randomUUID()
    const events = [`{"event_type":"${topic}"}`, `{"event_type":"${topic}"}`]
    const key = { 'Idempotency-Key': randomUUID(), 'X-Application-Name': 'crawler' }
    const first = await send(`[${events.join(', ')}]`, key)
    expect(first.answer).toEqual({ published: 2, event_ids: [0, 1].map((i) => `${key['Idempotency-Key']}:${i}`) })
    const again = await send(`[${events.join(', ')}]`, key)
    expect(again).toMatchObject({ status: 202, answer: first.answer })
    const lines = await send(`${events.join('\n')}\n`, { ...key, 'Content-Type': 'application/x-ndjson' })
    expect(lines.answer).toEqual(first.answer)
    const answer = await api.get(`/v1/topics/${topic}/events`, { [SESSION_HEADER]: first.headers.get(SESSION_HEADER) as string })
    const { items } = (await answer.json()) as { items: { event: { metadata: object } }[] }
    expect(items.map(({ event }) => event.metadata)).toEqual([
      { application_name: 'crawler', created_timestamp: expect.any(Number), topic_name: topic },
      { application_name: 'crawler', created_timestamp: expect.any(Number), topic_name: topic },
    ])
  })

  it('another content under a key or an own id is named, and the first stays', async () => {
    const [run, key] = [randomUUID(), randomUUID()]
    const event = (note: number) => `{"event_type":"t","data":{"note":${note}},"metadata":{"workflow_run_id":"${run}"}}`
    await send(event(1), { 'Idempotency-Key': key })
    const other = await send(event(2), { 'Idempotency-Key': key })
    expect(other).toMatchObject({ status: 202, answer: { published: 0, event_ids: [key], conflicts: [key] } })
    const own = (note: number) => `{"event_id":"own-${run}",${event(note).slice(1)}`
    const mixed = await send(`[${own(1)},${own(1)},${own(2)},${workflowStartOfVersion2({ run })}]`)
    expect(mixed.answer).toMatchObject({ published: 3, conflicts: [`own-${run}`] })
    const log = (await logOf(run)).map(({ text }) => JSON.parse(text))
    expect(log.map(({ event_name, data }) => event_name ?? data.note)).toEqual([1, 1, 'workflow_start'])
  })

  it('one bad event stores none, and the answer says which and why', async () => {
    const run = randomUUID()
    const { status, answer } = await send(`[${workflowStartOfVersion2({ run })},{"event_type":7}]`)
    expect(status).toBe(422)
    expect(answer).toMatchObject({
      type: 'urn:edge-event-store:problem:invalid-events',
      errors: [{ index: 1, path: 'event_type', message: 'has the wrong type: send a string' }],
    })
    expect(await logOf(run)).toEqual([])
    for (const headers of [{ 'Idempotency-Key': '..' }, { 'X-Application-Name': 'x'.repeat(257) }]) {
      const [name] = Object.keys(headers)
      const refused = await send(workflowStartOfVersion2({ run }), headers as unknown as Record<string, string>)
      expect(refused).toMatchObject({ status: 400, answer: { errors: [{ path: name }] } })
    }
    expect(await logOf(run)).toEqual([])
  })

  it('keys and names in other bytes than UTF-8 are refused and not taken for one another; in UTF-8 they differ', async () => {
    const topic = randomUUID()
    const body = `{"event_type":"${topic}"}`
    for (const name of ['Idempotency-Key', 'X-Application-Name']) {
      const { status, json } = await postBytes(`${service.url}/v1/publish`, body, name, Buffer.from(`${topic}é`, 'latin1'))
      const message = 'holds bytes that are not UTF-8: send UTF-8'
      expect({ status, errors: json.errors }).toEqual({ status: 400, errors: [{ path: name, message }] })
    }
    for (const key of [`${topic}é`, `${topic}ü`]) {
      const { status, json } = await postBytes(`${service.url}/v1/publish`, body, 'Idempotency-Key', Buffer.from(key))
      expect({ status, ids: json.event_ids }).toEqual({ status: 202, ids: [key] })
    }
  })

  it('a run whose id is too long for a log is read by its beginning and a hash, and its events stay one each', async () => {
    const run = `${randomUUID()}${'/x'.repeat(2_000)}`
    const sent = workflowStartOfVersion2({ run })
    const answers = [await send(sent), await send(workflowStartOfVersion2({ run, attempt: 2 }))]
    expect(answers.map(({ status, answer }) => [status, answer.published])).toEqual([
      [202, 1],
      [202, 1],
    ])
    expect(idOf(answers[1] as Published)).toBe(idOf(answers[0] as Published))
    const hash = createHash('sha256')
      .update(JSON.stringify([run]))
      .digest('hex')
      .slice(0, 16)
    const log = `workflow:${run.slice(0, 200)}~${hash}`
    expect(await textsOf(`/v1/conversations/${encodeURIComponent(log)}/events`)).toEqual([
      withId(idOf(answers[0] as Published), sent),
    ])
    await delivered(log)
    expect((await api.get(`/v1/events/${idOf(answers[0] as Published)}`)).status).toBe(200)
  })

  it('custom members and odd texts stay, digit for digit', async () => {
    const run = randomUUID()
    const sent = `{ "n" : 1756377611078069123 ,"s":"\\ud800\\u0000 é😀","metadata":{"deep":{"event_id":null,"x":[1.0e+2]},"workflow_run_id":"${run}",\n"created_timestamp":1756377611.5,"topic_name":"odd","application_name":"a"},"event_type":"odd","event_id":"odd-${run}"}`
    await send(sent)
    expect((await logOf(run)).map(({ text }) => text)).toEqual([sent])
    await delivered(`workflow:${run}`)
    expect(await (await api.get(`/v1/events/odd-${run}`)).text()).toContain(`"event":${sent}}`)
  })

  it('a run can be read as a graph, which has none of its events', async () => {
    const run = randomUUID()
    await send(`[${workflowStartOfVersion2({ run })},{"event_type":"data.processed","metadata":{"workflow_run_id":"${run}"}}]`)
    expect(await api.json(`/v1/conversations/workflow:${run}/graph`)).toEqual({ nodes: [], roots: [], order: [] })
    expect(await api.json(`/v1/conversations/workflow:${run}`)).toMatchObject({ head_seq: 2, event_count: 2 })
  })
})

describe('a service with a key', () => {
  let key: string
  let service: TestService

  beforeAll(async () => {
    service = await startTestService({ history: 'in-memory' })
    const headers = { 'Content-Type': 'application/json' }
    const body = '{"scopes":["events:publish","events:read"]}'
    const made = await fetch(`${service.url}/v1/keys`, { method: 'POST', headers, body })
    key = ((await made.json()) as { key: string }).key
  })
  afterAll(() => service?.stop())

  it('takes events that bring the key, and stores none that bring another', async () => {
    const run = randomUUID()
    const body = workflowStartOfVersion2({ run })
    const log = `${service.url}/v1/conversations/workflow:${run}/events`
    const authorization = { Authorization: `Bearer ${key}` }
    for (const Authorization of [`Bearer ${key.slice(0, -1)}`, `Bearer ${'x'.repeat(32)}`, 'Basic abc']) {
      const refused = await publish(service.url, body, { Authorization })
      expect(refused).toMatchObject({ status: 401, answer: { type: 'urn:edge-event-store:problem:unauthenticated' } })
    }
    expect(await (await fetch(log, { headers: authorization })).json()).toMatchObject({ items: [] })
    expect(await publish(service.url, body, authorization)).toMatchObject({ status: 202, answer: { published: 1 } })
    expect(await (await fetch(log, { headers: authorization })).json()).toMatchObject({ items: [{ seq: 1 }] })
  })
})
