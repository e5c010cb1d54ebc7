import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { EventEnvelopeSchema } from '../../src/model/agent-events.ts'
import { EventCodec, eventClass } from '../../src/model/codec.ts'
import { payloadItems } from '../../src/model/event-payload.ts'
import { AGENT_EVENT_TYPES } from '../../src/model/event-types.ts'
import { stringifyJson } from '../../src/model/json.ts'
import { recordedRun, WHY_SKIPPED } from './recorded-run.ts'
import { run, toolInvoke } from './sample-events.ts'

function loggingCodec() {
  const lines: string[] = []
  return { lines, codec: new EventCodec({ log: (line) => lines.push(line) }) }
}

describe('EventCodec', () => {
  it('knows all of the event types of Graphite', () => {
    const { codec } = loggingCodec()
    expect(AGENT_EVENT_TYPES.filter((type) => codec.eventClass(type)?.type === type)).toHaveLength(17)
    expect(codec.eventClass('constructor')).toBeUndefined()
  })

  it('decodes what it encodes, to the last digit', () => {
    const { codec, lines } = loggingCodec()
    for (const event of run()) expect(codec.decode(codec.encode(event))).toEqual(event)
    expect(lines).toEqual([])
  })

  it('keeps every member in its place, unknown ones and __proto__ too', () => {
    const { codec } = loggingCodec()
    const text = stringifyJson(toolInvoke()).replace('{', '{"tenant_note":{"a":1e400},"__proto__":{"b":2},')
    const event = codec.decode(text)
    expect(event && codec.encode(event)).toBe(text)
  })

  it('narrows by event type', () => {
    const event = loggingCodec().codec.decode(toolInvoke())
    if (event?.event_type !== 'ToolInvoke') throw new Error('A ToolInvoke was expected')
    expect(payloadItems(event.data.input_data)[0]?.role).toBe('user')
  })

  it.each([
    ['invalid JSON', '{"event_id":'],
    ['JSON that is no object', '[1]'],
    ['a missing type', { event_id: 'e-1' }],
    ['a type that is no string', { event_id: 'e-1', event_type: 7 }],
    ['an unknown type', { ...toolInvoke(), event_type: 'BudgetExceeded' }],
    ['a payload that does not fit', { ...toolInvoke(), data: { input_data: 7 } }],
    ['a missing payload', { ...toolInvoke(), data: {} }],
  ])('logs and skips %s', (_what, stored) => {
    const { codec, lines } = loggingCodec()
    expect(codec.decode(stored)).toBeNull()
    expect(lines).toHaveLength(1)
  })

  it('reads a conversation around the events that it cannot decode', () => {
    const { codec, lines } = loggingCodec()
    const events = run()
    expect(codec.decodeAll([...events.slice(0, 2), '{', { ...toolInvoke(), event_type: 'Unheard' }, ...events.slice(2)])).toEqual(
      events,
    )
    expect(lines).toHaveLength(2)
  })

  it('logs the id, the type and the reason, and nothing else of the event', () => {
    const { codec, lines } = loggingCodec()
    codec.decode({ ...toolInvoke(), event_id: 'e\n1', data: { input_data: 'secret', error: 'secret' }, timestamp: 'secret' })
    codec.decode('secret {')
    expect(lines[0]).toBe('Skipped event "e\\n1" of type "ToolInvoke": its payload does not fit at "event_id"')
    expect(lines.join()).not.toContain('secret')
  })

  it('cuts a label that would flood the log', () => {
    const { codec, lines } = loggingCodec()
    codec.decode({ event_id: 'x'.repeat(100_000), event_type: 'y'.repeat(100_000) })
    expect(lines[0]?.length).toBeLessThan(1_000)
  })

  it('skips application events without a line, unless a class is registered for them', () => {
    const { codec, lines } = loggingCodec()
    const published = { event_id: 'p-1', event_type: 'data.processed', event_name: 'x', data: {}, metadata: { attempt: null } }
    expect(codec.decodeAll([published, { ...published, event_type: 'TopicEvent' }, JSON.stringify(published)])).toEqual([])
    expect(lines).toEqual([])
    expect(codec.decode({ ...toolInvoke(), event_type: 'Unheard', metadata: {} })).toBeNull()
    expect(codec.decode({ ...published, metadata: null })).toBeNull()
    expect(lines).toHaveLength(2)
    const own = new EventCodec({ classes: [eventClass('data.processed', z.looseObject({ event_name: z.string() }))] })
    expect(own.decode(published)).toEqual(published)
  })

  it("decodes an application's own types once they are registered", () => {
    const schema = EventEnvelopeSchema.extend({ event_type: z.literal('BudgetExceeded'), data: z.object({ spent: z.number() }) })
    const codec = new EventCodec<z.infer<typeof schema>>()
    codec.register(eventClass('BudgetExceeded', schema))
    const event = codec.decode({ ...toolInvoke(), event_type: 'BudgetExceeded', data: { spent: 3 } })
    if (event?.event_type !== 'BudgetExceeded') throw new Error('The own type was expected')
    expect(event.data.spent).toBe(3)
  })

  it('takes event classes that make objects of their own, and encodes these through toJSON', () => {
    class Note {
      readonly fields: { event_type: string; text: string }
      constructor(fields: { event_type: string; text: string }) {
        this.fields = fields
      }
      toJSON() {
        return this.fields
      }
    }
    const schema = z.object({ event_type: z.string(), text: z.string() }).transform((fields) => new Note(fields))
    const codec = new EventCodec({ classes: [eventClass('Note', schema)] })
    const note = codec.decode('{"event_type":"Note","text":"hello"}')
    expect(note).toBeInstanceOf(Note)
    expect(note && codec.encode(note)).toBe('{"event_type":"Note","text":"hello"}')
  })

  it('skips an event whose class throws, without telling what the error says', () => {
    const lines: string[] = []
    const codec = new EventCodec({ log: (line) => lines.push(line) })
    codec.register({
      type: 'Odd',
      parse: () => {
        throw new Error('secret')
      },
    })
    expect(codec.decode({ event_id: 'e-1', event_type: 'Odd' })).toBeNull()
    expect(lines).toEqual(['Skipped event "e-1" of type "Odd": its event class threw an error'])
  })

  it.skipIf(recordedRun === null)(`gives back a recorded run as it was (${WHY_SKIPPED})`, () => {
    const { codec, lines } = loggingCodec()
    const texts = (recordedRun ?? []).map((event) => stringifyJson(event))
    expect(codec.decodeAll(texts).map((event) => codec.encode(event))).toEqual(texts)
    expect(lines).toEqual([])
    expect(texts.join()).toContain('1756377611078069')
  })
})

describe('payloadItems', () => {
  it('gives a list, whichever form the payload has', () => {
    expect(payloadItems([{ a: 1 }])).toEqual([{ a: 1 }])
    expect(payloadItems({ a: 1 })).toEqual([{ a: 1 }])
    expect(payloadItems('[{"a":1756377611078069123},7]')).toEqual([{ a: 1756377611078069123n }])
    expect(payloadItems('no JSON')).toEqual([])
    expect(payloadItems(null)).toEqual([])
  })
})
