import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { EventCodec, eventClass } from '../../src/model/codec.ts'
import { invokeContext, isToolInvoke, message, parseJson, stringifyJson, toolInvoke } from '../../src/model/public.ts'
import { InMemoryEventStore } from '../../src/store/in-memory/event-store.ts'

const NUMBERS = '[1756377611078069123,-9007199254740993,1e400,-0,-0.0,0.1,1.50,0.12345678901234567890123,1E+2]'

const invoke_context = invokeContext({ conversation_id: 'c' })
const asked = message({ role: 'user', content: { numbers: parseJson(NUMBERS) }, timestamp: 1756377611078069123n })
const event = toolInvoke({ invoke_context, name: 'T', type: 'LLMTool', input_data: [asked] })

describe('numbers that no double holds', () => {
  it('come through the codec digit for digit', () => {
    const codec = new EventCodec()
    const text = codec.encode(event)
    expect(text).toContain('"timestamp":1756377611078069123,')
    expect(text).toContain('[1756377611078069123,-9007199254740993,1e400,-0,-0.0,0.1,1.5,0.12345678901234567890123,100]')
    const decoded = codec.decode(text)
    expect(decoded === null ? null : codec.encode(decoded)).toBe(text)
  })

  it('are bigints where they are integers, in events that a store gives', async () => {
    const store = new InMemoryEventStore()
    await store.recordEvent(event)
    const [read] = (await store.getConversationEvents('c')).filter(isToolInvoke)
    expect(read?.data.input_data).toMatchObject([{ timestamp: 1756377611078069123n }])
    expect(stringifyJson(read)).toBe(stringifyJson(event))
  })

  it('leave an event that was read and is recorded again the same event', async () => {
    const store = new InMemoryEventStore()
    await store.recordEvent(event)
    const read = await store.getEvent(event.event_id)
    expect(await store.recordEvents(read === null ? [] : [read])).toMatchObject({ recorded: 0, duplicates: 1, conflicts: [] })
  })

  it("come through an application's own event class", async () => {
    const own = z.looseObject({ event_type: z.literal('Own'), event_id: z.string(), total: z.bigint() })
    const store = new InMemoryEventStore({ codec: new EventCodec({ classes: [eventClass('Own', own)] }) })
    const { assistant_request_id, timestamp, event_context } = event
    const total = 12345678901234567890n
    await store.recordEvent({ event_id: 'own', event_type: 'Own', assistant_request_id, timestamp, event_context, total })
    expect(await store.getEvent('own')).toMatchObject({ total })
  })
})
