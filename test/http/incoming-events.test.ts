import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { META_LENGTH, META_WORDS } from '../../src/conversation/dedupe-index.ts'
import { readIncomingEvents } from '../../src/http/incoming-events.ts'
import { RequestFailure } from '../../src/protocol/failure.ts'
import { sampleEvent, textsOf } from '../conversation/samples.ts'

const encode = (text: string) => new TextEncoder().encode(text)

function failureOf(body: string, format: 'json' | 'ndjson' = 'json'): unknown {
  try {
    readIncomingEvents(encode(body), format)
  } catch (thrown) {
    if (thrown instanceof RequestFailure) return thrown.failure
    throw thrown
  }
  return null
}

describe('the events of a request', () => {
  it('are sorted by conversation, each with its own text, in their order', () => {
    // The one member name that is refused in an event.
    const note = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'))
    const event = fc.record({
      conversation_id: fc.constantFrom('a', 'b', 'c'),
      note,
      space: fc.constantFrom('', ' ', '\n'),
    })
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 20 }), (all) => {
        const texts = all.map(({ conversation_id, note, space }, i) =>
          JSON.stringify(sampleEvent({ event_id: `e${i}`, conversation_id, note }), null, space),
        )
        const { batches } = readIncomingEvents(encode(`[ ${texts.join(' ,\n')} ]`), 'json')
        expect(batches.map((batch) => batch.conversation_id)).toEqual([...new Set(all.map((one) => one.conversation_id))])
        for (const { conversation_id, heads, body, meta } of batches) {
          const own = texts.filter((_, i) => all[i]?.conversation_id === conversation_id)
          expect(new TextDecoder().decode(body)).toBe(own.join(','))
          expect(JSON.parse(`[${heads}]`).map((head: { event_id: string }) => head.event_id)).toEqual(
            (textsOf({ body }) as { event_id: string }[]).map(({ event_id }) => event_id),
          )
          expect(own.map((_, i) => meta[i * META_WORDS + META_LENGTH])).toEqual(own.map((text) => encode(text).byteLength))
          expect(meta.length).toBe(own.length * META_WORDS)
        }
      }),
    )
  })

  it('are conflicts where the request gives their id to another conversation before', () => {
    const events = [
      { event_id: 'x', conversation_id: 'a' },
      { event_id: 'x', conversation_id: 'b' },
      { event_id: 'y', conversation_id: 'b' },
      { event_id: 'x', conversation_id: 'a' },
    ]
    const { batches, conflicts } = readIncomingEvents(encode(JSON.stringify(events.map((event) => sampleEvent(event)))), 'json')
    expect(conflicts).toEqual(['x'])
    const idsOf = (heads: string) => JSON.parse(`[${heads}]`).map((head: { event_id: string }) => head.event_id)
    expect(batches.map(({ conversation_id, heads }) => [conversation_id, idsOf(heads)])).toEqual([
      ['a', ['x', 'x']],
      ['b', ['y']],
    ])
  })

  it('are told where to go where they are such as applications publish', () => {
    const published = { event_type: 'application_events', event_name: 'data.processed', data: { count: 1 } }
    expect(failureOf(JSON.stringify(published))).toMatchObject({
      errors: [{ index: 0, path: '', message: expect.stringContaining('POST /v1/publish') }, { path: 'event_id' }, {}, {}, {}],
    })
    for (const event_type of ['NodeInvoke', undefined])
      expect(JSON.stringify(failureOf(JSON.stringify({ ...published, event_type })))).not.toContain('/v1/publish')
  })

  it('belong to a bounded number of conversations', () => {
    const events = Array.from({ length: 1_001 }, (_, i) => sampleEvent({ event_id: `e${i}`, conversation_id: `c${i}` }))
    expect(failureOf(JSON.stringify(events))).toMatchObject({ kind: 'too-large', limit: 'request_conversations', maximum: 1_000 })
    expect(failureOf(JSON.stringify(events.slice(1)))).toBeNull()
  })

  it('have one content however they are spaced and ordered, and another one for any other difference', () => {
    const metaOf = (text: string) => [...(readIncomingEvents(encode(text), 'json').batches[0]?.meta.subarray(0, 4) ?? [])]
    const event = sampleEvent({ event_id: 'e', note: 1.5 })
    const plain = metaOf(JSON.stringify(event))
    expect(metaOf(JSON.stringify(event, null, 2))).toEqual(plain)
    expect(metaOf(JSON.stringify(Object.fromEntries(Object.entries(event).reverse())))).toEqual(plain)
    expect(metaOf(JSON.stringify({ ...event, data: 1.25 }))).not.toEqual(plain)
    expect(metaOf(JSON.stringify({ ...event, event_id: 'f' })).slice(0, 2)).not.toEqual(plain.slice(0, 2))
  })

  it('are refused together, with every problem named by place and member', () => {
    const bad = { ...sampleEvent({ event_id: '' }), timestamp: 'noon' }
    expect(failureOf(JSON.stringify([sampleEvent({ event_id: 'a' }), bad, 1]))).toMatchObject({
      kind: 'invalid-events',
      errors: [{ index: 2 }],
    })
    expect(failureOf(JSON.stringify([sampleEvent({ event_id: 'a' }), bad]))).toMatchObject({
      kind: 'invalid-events',
      errors: [
        { index: 1, path: 'event_id' },
        { index: 1, path: 'timestamp' },
      ],
    })
  })

  it('name at most 20 problems', () => {
    const failure = failureOf(JSON.stringify(Array.from({ length: 50 }, () => ({})))) as { errors: unknown[] }
    expect(failure.errors).toHaveLength(20)
  })

  it('that are no JSON are told by the byte, and by the line where there are lines', () => {
    expect(failureOf('[{"a":1},x]')).toMatchObject({ kind: 'malformed-json', offset: 9 })
    expect(failureOf('{}\n{"a"\n', 'ndjson')).toMatchObject({ kind: 'malformed-json', detail: expect.stringContaining('Line 2') })
  })
})
