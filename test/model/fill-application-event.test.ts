import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fillApplicationEvent } from '../../src/model/fill-application-event.ts'
import { objectMembers } from '../../src/model/object-members.ts'
import { findNameFault } from '../../src/model/slice-names.ts'

const FILL = { event_id: 'id-1', application_name: 'app', created_timestamp: 1756377611, topic_name: 'a "topic"' }

const NAMES = ['event_id', 'application_name', 'created_timestamp', 'topic_name', 'metadata', 'event_type']

/** JSON text of a value in one of many spellings: with white space, escapes, and numbers that no double holds. */
function spelled(value: unknown, random: () => number): string {
  const space = () => ['', '', ' ', '\n', '\t', '\r\n  '][random() % 6]
  if (typeof value === 'string') {
    const units = Array.from({ length: value.length }, (_, i) => value.charCodeAt(i))
    const escaped = (code: number) => `\\u${code.toString(16).padStart(4, '0')}`
    return `"${units.map((code) => (random() % 3 === 0 ? escaped(code) : JSON.stringify(String.fromCharCode(code)).slice(1, -1))).join('')}"`
  }
  if (typeof value === 'number') return Number.isSafeInteger(value) && random() % 4 === 0 ? `${value}.000` : JSON.stringify(value)
  if (Array.isArray(value))
    return `[${space()}${value.map((item) => spelled(item, random)).join(`${space()},${space()}`)}${space()}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([name, item]) => `${spelled(name, random)}${space()}:${space()}${spelled(item, random)}`,
    )
    return `{${space()}${members.join(`${space()},${space()}`)}${space()}}`
  }
  return JSON.stringify(value)
}

// V8's JSON.parse takes a name that is spelled with escapes for an earlier one that holds a backslash: no names with any here.
const safeName = fc
  .oneof(fc.string(), fc.constantFrom(...NAMES, '{', '}', '"', ',', ':', '[]', 'é😀'))
  .filter((name) => name !== '__proto__' && !name.includes('\\'))
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false, 0, -1.5, 1e21, '', '[', '{"a":1}', '\\', '"'),
    fc.string(),
    fc.double({ noDefaultInfinity: true, noNaN: true }).filter((number) => !Object.is(number, -0)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(safeName, tie('value'), { maxKeys: 4 }),
  ),
})).value
const missing = (...nothing: unknown[]) => fc.constantFrom(...nothing)
const metadata = fc
  .tuple(
    fc.dictionary(safeName, value, { maxKeys: 4 }),
    fc.record(
      {
        application_name: fc.oneof(missing(null, ''), fc.string({ minLength: 1 })),
        created_timestamp: fc.oneof(missing(null, 0), fc.integer({ min: 1 })),
        topic_name: fc.oneof(missing(null, ''), fc.string({ minLength: 1 })),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([custom, known]) => ({ ...without(custom, ['application_name', 'created_timestamp', 'topic_name']), ...known }))
const event = fc
  .tuple(
    fc.dictionary(safeName, value, { maxKeys: 4 }),
    fc.record(
      { event_id: fc.oneof(missing(null, ''), fc.string({ minLength: 1 })), metadata: fc.oneof(missing(null), metadata) },
      { requiredKeys: [] },
    ),
  )
  .map(([extra, known]) => shuffled({ ...without(extra, ['event_id', 'metadata']), ...known }))

function without(members: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)))
}

/** Another order of members, so that what is filled in stands before and after all kinds of things. */
function shuffled(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => a.length - b.length || (a < b ? 1 : -1)))
}

/** What filling means, said of values. */
function filled(sent: Record<string, unknown>): Record<string, unknown> {
  const metadata = (sent.metadata ?? {}) as Record<string, unknown>
  return {
    ...sent,
    event_id: sent.event_id || FILL.event_id,
    metadata: {
      ...metadata,
      application_name: metadata.application_name || FILL.application_name,
      created_timestamp: metadata.created_timestamp || FILL.created_timestamp,
      topic_name: metadata.topic_name || FILL.topic_name,
    },
  }
}

describe('filling an application event', () => {
  it('gives every event what it lacks, and nothing else, however it is spelled', () => {
    fc.assert(
      fc.property(event, fc.infiniteStream(fc.nat()), (sent, stream) => {
        const text = spelled(sent, () => stream.next().value as number)
        const result = fillApplicationEvent(text, FILL)
        if (!Object.is(Object.keys(JSON.parse(result)).includes('\\'), Object.keys(JSON.parse(text)).includes('\\')))
          console.log(
            'DBG',
            process.version,
            JSON.stringify([text, result, Object.keys(JSON.parse(text)), Object.keys(JSON.parse(result))]),
          )
        expect(JSON.parse(result)).toEqual(filled(JSON.parse(text)))
        // JSON.parse would not show a second member of one name.
        expect(findNameFault(result)).toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  it('keeps the text of every value that it does not fill, in its order', () => {
    fc.assert(
      fc.property(event, fc.infiniteStream(fc.nat()), (sent, stream) => {
        const text = spelled(sent, () => stream.next().value as number)
        const result = fillApplicationEvent(text, FILL)
        const before = [...objectMembers(text, 0)].filter(([name]) => name !== 'event_id' && name !== 'metadata')
        const after = objectMembers(result, 0)
        let from = 0
        for (const [name, range] of before) {
          const place = after.get(name)
          if (place === undefined) throw new Error(`${name} is gone`)
          expect(result.slice(place.start, place.end)).toBe(text.slice(range.start, range.end))
          expect(place.start).toBeGreaterThan(from)
          from = place.start
        }
      }),
    )
  })

  it('leaves a complete event as it is, to the last character', () => {
    const text =
      '{ "event_type" : "t", "metadata":{"topic_name":"t","created_timestamp":1.0e9,"application_name":"a"} ,"event_id":"e"\n}'
    expect(fillApplicationEvent(text, FILL)).toBe(text)
  })

  it.each([
    [
      '{"event_type":"t"}',
      '{"event_id":"id-1","metadata":{"application_name":"app","created_timestamp":1756377611,"topic_name":"a \\"topic\\""},"event_type":"t"}',
    ],
    [
      '{"metadata": {}, "event_type":"t"}',
      '{"event_id":"id-1","metadata": {"application_name":"app","created_timestamp":1756377611,"topic_name":"a \\"topic\\""}, "event_type":"t"}',
    ],
    [
      '{"metadata":{ "n":1756377611078069123, "topic_name" : "" ,"created_timestamp":0.0}}',
      '{"event_id":"id-1","metadata":{"application_name":"app", "n":1756377611078069123, "topic_name" : "a \\"topic\\"" ,"created_timestamp":1756377611}}',
    ],
    [
      '{"\\\\":1,"a\\\\\\"}":"\\\\","event_id":"","metadata":{"\\"{":"}","topic_name":"t"}}',
      '{"\\\\":1,"a\\\\\\"}":"\\\\","event_id":"id-1","metadata":{"application_name":"app","created_timestamp":1756377611,"\\"{":"}","topic_name":"t"}}',
    ],
    [
      '{"event_id":null,"metadata":null}',
      '{"event_id":"id-1","metadata":{"application_name":"app","created_timestamp":1756377611,"topic_name":"a \\"topic\\""}}',
    ],
    [
      '{"event\\u005fid":"","metadata":{"application\\u005fname":null,"created_timestamp":5,"topic_name":"t","x":{"topic_name":null}}}',
      '{"event\\u005fid":"id-1","metadata":{"application\\u005fname":"app","created_timestamp":5,"topic_name":"t","x":{"topic_name":null}}}',
    ],
  ])('makes of %s %s', (text, expected) => {
    expect(fillApplicationEvent(text, FILL)).toBe(expected)
  })

  it('leaves the application name alone when it does not know one', () => {
    const text = '{"event_id":"e","metadata":{"application_name":"","created_timestamp":5,"topic_name":"t"}}'
    expect(fillApplicationEvent(text, { ...FILL, application_name: null })).toBe(text)
    expect(fillApplicationEvent('{"event_id":"e"}', { ...FILL, application_name: null })).not.toContain('application_name')
  })
})
