import { describe, expect, it } from 'vitest'
import { MAX_EVENT_BYTES, MAX_REQUEST_BYTES, MAX_REQUEST_EVENTS } from '../../src/model/limits.ts'
import { sampleEvent } from '../conversation/samples.ts'
import { call, idsOf, newId, post, postText } from './http-support.ts'

const problem = (name: string) => `urn:edge-event-store:problem:${name}`

describe('recording', () => {
  it('answers 201 with where the events stand, and 200 for a repeat', async () => {
    const [c, d] = [newId(), newId()]
    const [a, b, e] = [newId(), newId(), newId()]
    const events = [
      { event_id: a, conversation_id: c },
      { event_id: b, conversation_id: d },
      { event_id: e, conversation_id: c },
    ]
    const conversations = [
      { conversation_id: c, first_seq: 1, last_seq: 2 },
      { conversation_id: d, first_seq: 1, last_seq: 1 },
    ]
    const first = await post(events)
    expect(first).toMatchObject({ status: 201, json: { recorded: 3, duplicates: 0, conflicts: [], conversations } })
    const repeat = await post(events)
    expect(repeat).toMatchObject({ status: 200, json: { recorded: 0, duplicates: 3, conflicts: [], conversations } })
  })

  it('takes one object, and lines', async () => {
    const conversation_id = newId()
    const [a, b, c] = ['a', 'b', 'c'].map((event_id) =>
      JSON.stringify(sampleEvent({ event_id: event_id + conversation_id, conversation_id })),
    )
    expect(await postText(a as string)).toMatchObject({ status: 201, json: { recorded: 1 } })
    const lines = await postText(`${b}\n\n${c}\n`, '', { 'Content-Type': 'application/x-ndjson' })
    expect(lines).toMatchObject({ status: 201, json: { recorded: 2, conversations: [{ first_seq: 2, last_seq: 3 }] } })
  })

  it('reports a conflict by its id and records the rest', async () => {
    const [id, conversation_id] = [newId(), newId()]
    await post([{ event_id: id, conversation_id }])
    const answer = await post([
      { event_id: id, conversation_id, note: 1 },
      { event_id: newId(), conversation_id },
    ])
    expect(answer).toMatchObject({ status: 201, json: { recorded: 1, conflicts: [id] } })
  })

  it('tells what became of each event when asked, repeats and conflicts within the request included', async () => {
    const [known, fresh, other, shared, c, d] = [newId(), newId(), newId(), newId(), newId(), newId()]
    await post([{ event_id: known, conversation_id: c }])
    const events = [
      { event_id: other, conversation_id: d },
      { event_id: fresh, conversation_id: c },
      { event_id: known, conversation_id: c },
      { event_id: fresh, conversation_id: c },
      { event_id: fresh, conversation_id: c, note: 1 },
      { event_id: shared, conversation_id: c },
      { event_id: shared, conversation_id: d },
    ]
    const { json } = await post(events, '?list=events')
    expect(json).toMatchObject({ recorded: 3, duplicates: 2 })
    expect(json.events).toEqual([
      { event_id: other, outcome: 'recorded', seq: 1 },
      { event_id: fresh, outcome: 'recorded', seq: 2 },
      { event_id: known, outcome: 'duplicate', seq: 1 },
      { event_id: fresh, outcome: 'duplicate', seq: 2 },
      { event_id: fresh, outcome: 'conflict', seq: null },
      { event_id: shared, outcome: 'recorded', seq: 3 },
      { event_id: shared, outcome: 'conflict', seq: null },
    ])
    expect((await post(events)).json).not.toHaveProperty('events')
  })

  it('stores nothing in any conversation when a conflict is to refuse the request', async () => {
    const [id, c, d] = [newId(), newId(), newId()]
    await post([{ event_id: id, conversation_id: d }])
    const events = [
      { event_id: newId(), conversation_id: c },
      { event_id: id, conversation_id: d, note: 1 },
    ]
    const answer = await post(events, '?on_conflict=reject')
    expect(answer).toMatchObject({ status: 409, json: { type: problem('conflicting-events'), conflicts: [id] } })
    expect(await call(`/v1/conversations/${c}`)).toMatchObject({ status: 404 })
    expect(await call(`/v1/conversations/${d}`)).toMatchObject({ json: { head_seq: 1 } })
  })

  it('refuses a writer that does not know the head, and lets its repeat pass', async () => {
    const conversation_id = newId()
    const [a, b] = [newId(), newId()].map((event_id) => ({ event_id, conversation_id }))
    if (!a || !b) throw new Error('two events were made')
    expect(await post([a], '?expected_seq=0')).toMatchObject({ status: 201 })
    const late = await post([b], '?expected_seq=0')
    expect(late).toMatchObject({ status: 409, json: { type: problem('wrong-expected-seq'), expected_seq: 0, head_seq: 1 } })
    expect(await post([a], '?expected_seq=0')).toMatchObject({ status: 200 })
    expect(await post([b], '?expected_seq=1')).toMatchObject({ status: 201 })
    const several = await post([a, { event_id: newId(), conversation_id: newId() }], '?expected_seq=2')
    expect(several).toMatchObject({ status: 400, json: { errors: [{ path: 'expected_seq' }] } })
  })

  it('answers with ack=persisted once the history has the events', async () => {
    const conversation_id = newId()
    const event_id = newId()
    expect(await post([{ event_id, conversation_id }], '?ack=persisted')).toMatchObject({ status: 201 })
    expect(await call(`/v1/events/${event_id}`)).toMatchObject({ status: 200 })
    expect(await call(`/v1/conversations/${conversation_id}`)).toMatchObject({ json: { head_seq: 1, persisted_seq: 1 } })
  })

  it.each(['?ack=persisted', '?ack=persisted&list=events'])(
    'counts with %s each event once, whatever became of it',
    async (query) => {
      const [known, fresh, c, d] = [newId(), newId(), newId(), newId()]
      await post([{ event_id: known, conversation_id: c }], '?ack=persisted')
      await post([{ event_id: known, conversation_id: d }])
      const events = [
        // Set aside by the history, and other content than what stands in its own conversation.
        { event_id: known, conversation_id: d, note: 1 },
        { event_id: known, conversation_id: d },
        { event_id: known, conversation_id: d },
        { event_id: fresh, conversation_id: d },
        { event_id: fresh, conversation_id: d },
      ]
      const answer = await post(events, query)
      expect(answer).toMatchObject({ status: 201, json: { recorded: 1, duplicates: 1, conflicts: [known] } })
      const alone = await post(events.slice(0, 3), query)
      expect(alone).toMatchObject({ status: 200, json: { recorded: 0, duplicates: 0, conflicts: [known] } })
    },
  )

  it('names with ack=persisted an event whose id stands in another conversation, as not recorded', async () => {
    const id = newId()
    await post([{ event_id: id, conversation_id: newId() }], '?ack=persisted')
    const answer = await post([{ event_id: id, conversation_id: newId() }], '?ack=persisted')
    expect(answer).toMatchObject({ status: 200, json: { recorded: 0, conflicts: [id] } })
  })

  it('counts with ack=persisted only what this request brought, whatever else is set aside with it', async () => {
    const [id, conversation_id] = [newId(), newId()]
    await post([{ event_id: id, conversation_id: newId() }], '?ack=persisted')
    await post([{ event_id: id, conversation_id }])
    const answer = await post([{ event_id: newId(), conversation_id }], '?ack=persisted')
    expect(answer).toMatchObject({ status: 201, json: { recorded: 1, conflicts: [] } })
  })

  it('tells with ack=persisted of an id that stands in another conversation, as often as it is asked', async () => {
    const [id, conversation_id] = [newId(), newId()]
    await post([{ event_id: id, conversation_id: newId() }], '?ack=persisted')
    await post([{ event_id: id, conversation_id }])
    for (let i = 0; i < 2; i++) {
      const answer = await post([{ event_id: id, conversation_id }], '?ack=persisted')
      expect(answer).toMatchObject({ status: 200, json: { recorded: 0, duplicates: 0, conflicts: [id] } })
    }
    const more = newId()
    const mixed = await post(
      [
        { event_id: id, conversation_id },
        { event_id: more, conversation_id },
      ],
      '?ack=persisted',
    )
    expect(mixed).toMatchObject({ status: 201, json: { recorded: 1, duplicates: 0, conflicts: [id] } })
  })

  it('names an id that the request itself gives to two conversations, or refuses the request', async () => {
    const id = newId()
    const events = [
      { event_id: id, conversation_id: newId() },
      { event_id: id, conversation_id: newId() },
    ]
    expect(await post(events, '?on_conflict=reject')).toMatchObject({ status: 409, json: { conflicts: [id] } })
    expect(await call(`/v1/conversations/${events[0]?.conversation_id}`)).toMatchObject({ status: 404 })
    expect(await post(events)).toMatchObject({ status: 201, json: { recorded: 1, duplicates: 0, conflicts: [id] } })
  })
})

describe('a request that is refused', () => {
  it('for one bad event stores none, and names its place, its member and the reason', async () => {
    const conversation_id = newId()
    const good = sampleEvent({ event_id: newId(), conversation_id })
    const { assistant_request_id: _, ...bad } = sampleEvent({ event_id: newId(), conversation_id })
    const answer = await postText(JSON.stringify([good, bad]))
    expect(answer).toMatchObject({
      status: 422,
      json: {
        type: problem('invalid-events'),
        errors: [{ index: 1, path: 'assistant_request_id', message: 'is missing: send a string' }],
      },
    })
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    expect(await call(`/v1/conversations/${conversation_id}`)).toMatchObject({ status: 404 })
  })

  it.each([
    ['no JSON', '{"a":', 400, 'malformed-json'],
    ['nothing', '', 400, 'malformed-json'],
    ['an empty array', '[]', 422, 'invalid-events'],
    ['no object', '[1]', 422, 'invalid-events'],
  ])('for a body that is %s', async (_, body, status, type) => {
    expect(await postText(body)).toMatchObject({ status, json: { type: problem(type) } })
  })

  it.each([
    [{ 'Content-Type': 'text/plain' }],
    [{ 'Content-Type': 'application/json; charset=latin1' }],
    [{ 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }],
  ])('for its media type: %o', async (headers) => {
    expect(await postText('{}', '', headers as Record<string, string>)).toMatchObject({ status: 415 })
  })

  it('without a media type', async () => {
    const answer = await call('/v1/events', { method: 'POST', body: new Uint8Array([0x7b, 0x7d]) })
    expect(answer).toMatchObject({ status: 415, json: { type: problem('unsupported-media-type') } })
  })

  it('for its size, announced or not', async () => {
    const large = { status: 413, json: { type: problem('too-large'), limit: 'request_bytes', maximum: MAX_REQUEST_BYTES } }
    expect(await postText(' '.repeat(MAX_REQUEST_BYTES + 1))).toMatchObject(large)
    const chunk = new Uint8Array(1024 * 1024).fill(0x20)
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1
        if (sent > 100) controller.error(new Error('the body was read on and on'))
        else controller.enqueue(chunk)
      },
    })
    expect(await postText(endless)).toMatchObject(large)
    expect(sent).toBeLessThan(30)
  })

  it('for an event that is too large, or too many of them', async () => {
    const event = sampleEvent({ event_id: newId(), note: 'x'.repeat(MAX_EVENT_BYTES) })
    const tooLarge = { limit: 'event_bytes', maximum: MAX_EVENT_BYTES, index: 0 }
    expect(await postText(JSON.stringify([event]))).toMatchObject({ status: 413, json: tooLarge })
    const many = `[${Array.from({ length: MAX_REQUEST_EVENTS + 1 }, () => '{}').join(',')}]`
    expect(await postText(many)).toMatchObject({ status: 413, json: { limit: 'request_events', maximum: MAX_REQUEST_EVENTS } })
  })
})

it('keeps the text of an event digit for digit, on the way from the object and from the history', async () => {
  const [event_id, conversation_id] = [newId(), newId()]
  const note = '{"t":1756377611078069123,"z":1.0e+2, "s":"\\u0000\\ud800 é😀" }'
  const text = JSON.stringify(sampleEvent({ event_id, conversation_id, note: '@' }), null, 1).replace('"@"', note)
  await postText(text, '?ack=persisted')
  expect((await call(`/v1/conversations/${conversation_id}/events`)).text).toContain(`"event":${text}}`)
  expect((await call(`/v1/events/${event_id}`)).text).toContain(`"event":${text}}`)
  expect((await call(`/v1/events/${event_id}?conversation_id=${conversation_id}`)).text).toContain(`"event":${text}}`)
  expect(idsOf(await call(`/v1/conversations/${conversation_id}/events`))).toEqual([event_id])
})
