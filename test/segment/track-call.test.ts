import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8Bytes } from '../../src/model/utf8-bytes.ts'
import { MAX_MESSAGE_ID_LENGTH } from '../../src/segment/limits.ts'
import { messageIdOf, toTrackCall } from '../../src/segment/track-call.ts'
import { lifecycleEvent, type SampleApplicationEvent } from './samples.ts'

/** What Segment documents: 32 KB an event, here of 1,000 bytes, and less than that. */
const SEGMENT_EVENT_BYTES = 32_000

const callOf = (event: Omit<SampleApplicationEvent, 'event_id'>) => {
  const call = toTrackCall(lifecycleEvent({ event_id: 'e1', ...event }), '9.9.9')
  return { ...call, json: JSON.parse(call?.text ?? 'null') }
}

describe('a call to Segment', () => {
  it('holds the metadata and the scalar members of the data, the metadata first where both have a name', () => {
    const { json } = callOf({
      metadata: { application_name: 'app', attempt: 2, workflow_state: null, custom: { deep: [1] } },
      data: { rows: 3, ok: true, name: 'n', attempt: 'not this', list: [1], object: {}, nothing: null },
    })
    expect(json).toEqual({
      type: 'track',
      event: 'workflow_started',
      anonymousId: 'app',
      messageId: 'e1',
      timestamp: '2026-01-31T12:00:00.500Z',
      context: { library: { name: 'edge-event-store', version: '9.9.9' } },
      properties: {
        application_name: 'app',
        attempt: 2,
        workflow_state: null,
        custom: { deep: [1] },
        rows: 3,
        ok: true,
        name: 'n',
      },
    })
  })

  it.each([
    ['workflow_start', 'workflow_started'],
    ['workflow_end', 'workflow_completed'],
    ['activity_start', 'activity_started'],
    ['activity_end', 'activity_ended'],
  ] as const)('is named as by the application SDK: %s is %s', (name, event) => {
    expect(JSON.parse(toTrackCall(lifecycleEvent({ event_id: 'e' }, name), '1')?.text ?? '')).toMatchObject({ event })
  })

  it.each([
    [{ metadata: { user_id: 'm' }, data: { user_id: 'd' } }, { userId: 'm' }],
    [{ metadata: { user_id: '' }, data: { user_id: 'd' } }, { userId: 'd' }],
    [{ metadata: { user_id: 7, application_name: 'app' } }, { anonymousId: 'app' }],
    [{ metadata: { application_name: '' }, data: null }, { anonymousId: 'the-tenant' }],
    [{ metadata: null }, { anonymousId: 'the-tenant' }],
  ])('is of the user of %j, else of the application, else of the tenant', (event, expected) => {
    const { userId, anonymousId } = callOf(event).json
    expect({ userId, anonymousId }).toEqual({ userId: undefined, anonymousId: undefined, ...expected })
  })

  it('keeps every digit', () => {
    const text = '{"event_id":"e","metadata":{"at":1756377611078069123},"data":{"x":0.1000000000000000055511151231257827}}'
    const { text: call } = callOf({ text })
    expect(call).toContain('"at":1756377611078069123')
    expect(call).toContain('"x":0.1000000000000000055511151231257827')
  })

  it('leaves out the largest properties until it is small enough, those that every event has last', () => {
    const { json, left_out, bytes } = callOf({
      metadata: { workflow_id: 'é'.repeat(6_000), custom: 'c'.repeat(16_000), small: 1 },
      data: { note: 'd'.repeat(9_500), more: 'm'.repeat(10_600) },
    })
    expect(Object.keys(json.properties).sort()).toEqual(['note', 'small', 'workflow_id'])
    expect(left_out).toBe(2)
    expect(bytes).toBeLessThan(SEGMENT_EVENT_BYTES)
  })

  it('is as large as Segment takes, and not one byte larger', () => {
    const withNote = (length: number) => callOf({ metadata: { user_id: 'u' }, data: { note: 'n'.repeat(length) } })
    const rest = (withNote(1_000).bytes ?? 0) - 1_000
    const largest = withNote(SEGMENT_EVENT_BYTES - 1 - rest)
    expect(largest).toMatchObject({ bytes: SEGMENT_EVENT_BYTES - 1, left_out: 0 })
    expect(withNote(SEGMENT_EVENT_BYTES - rest)).toMatchObject({ left_out: 1 })
  })

  it('leaves out even known metadata that no call can hold, and is not made for a user whose id is too large', () => {
    const { json } = callOf({ metadata: { workflow_id: 'w'.repeat(40_000), workflow_type: 't' } })
    expect(json.properties).toEqual({ workflow_type: 't' })
    expect(toTrackCall(lifecycleEvent({ event_id: 'e', data: { user_id: 'u'.repeat(40_000) } }), '1')).toBeNull()
  })

  it('has 500 properties at most, those that every event has first, however many members the event has', () => {
    const members = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i]))
    const { json, left_out } = callOf({ metadata: { ...members(100_000), workflow_run_id: 'r' }, data: members(200_000) })
    expect(json.properties).toEqual({ workflow_run_id: 'r', ...members(499) })
    expect(left_out).toBe(200_001 - 500)
    const scalars = callOf({ data: { ...members(200_000), user_id: 'u' } })
    expect(scalars.json).toMatchObject({ userId: 'u', properties: members(500) })
    expect(scalars.left_out).toBe(200_001 - 500)
  })

  it('is made of a text with white space wherever JSON has it, and of none that is no JSON', () => {
    const text = ' { "metadata" :\n { "a" : [ 1 , 2 ] , "user_id" : "\\u0075" } , "data" : { "b" : null , "c" : true } } '
    expect(callOf({ text }).json).toMatchObject({ userId: 'u', properties: { a: [1, 2], user_id: 'u', c: true } })
    expect(callOf({ text: '{"metadata":null,"data":7}' }).json.properties).toEqual({})
    for (const broken of ['', '{', '{"metadata":{"a"', '{"metadata":tru}'])
      expect(() => callOf({ text: broken })).toThrow(SyntaxError)
  })

  it('is below 32 KB and JSON whatever the event holds, and whole when it is small', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.nat(20_000).map((length) => '"é😀'.repeat(length / 3)),
    )
    const members = fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      fc.oneof(texts, fc.integer(), fc.boolean()),
    )
    fc.assert(
      fc.property(members, members, (metadata, data) => {
        const { json, bytes, text, left_out } = callOf({ metadata, data })
        if (text === undefined) return
        expect(bytes).toBe(utf8Bytes(text))
        expect(bytes).toBeLessThan(SEGMENT_EVENT_BYTES)
        const all = { ...data, ...metadata }
        expect(Object.keys(all).length - Object.keys(json.properties).length).toBe(left_out)
        expect(all).toMatchObject(json.properties)
        if (utf8Bytes(JSON.stringify(all)) < 20_000 && utf8Bytes(String(json.userId)) < 5_000) expect(left_out).toBe(0)
      }),
      { numRuns: 200 },
    )
  })
})

describe('the id by which Segment knows an event again', () => {
  it('is the event id', () => {
    expect(messageIdOf('x'.repeat(MAX_MESSAGE_ID_LENGTH))).toBe('x'.repeat(MAX_MESSAGE_ID_LENGTH))
  })

  it('is made of it where that is longer than Segment takes, the same every time and another for another event', () => {
    const ids = ['a', 'b'].map((end) => messageIdOf(`${'x'.repeat(200)}${end}`))
    expect(ids[0]).toBe(messageIdOf(`${'x'.repeat(200)}a`))
    expect(ids[0]).not.toBe(ids[1])
    for (const id of ids) expect(id).toMatch(/^x{82}-[0-9a-f]{16}$/)
  })
})
