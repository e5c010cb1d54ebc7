import { describe, expect, it } from 'vitest'
import { invokeContext } from '../../src/model/invoke-context.ts'
import { message } from '../../src/model/message.ts'

describe('message', () => {
  it("has Graphite's members in Graphite's order, with a new id and the present time in nanoseconds", () => {
    const made = message({ content: 'Hello', role: 'user' })
    expect(Object.keys(made).join(' ')).toBe(
      'name message_id timestamp content refusal annotations audio role tool_call_id tools function_call tool_calls is_streaming',
    )
    expect(made).toMatchObject({ name: null, content: 'Hello', role: 'user', tool_calls: null, is_streaming: false })
    expect(made.message_id).toMatch(/^[0-9a-f]{32}$/)
    expect(made.timestamp).toBeTypeOf('bigint')
    expect(Math.abs(Number(BigInt(made.timestamp) / 1_000_000n) - Date.now())).toBeLessThan(60_000)
  })

  it('keeps what is given, so that a message is itself', () => {
    const made = message({ role: 'tool', tool_call_id: 'call', content: [{ type: 'text' }], annotations: [], is_streaming: true })
    expect(message(made)).toEqual(made)
  })
})

describe('invokeContext', () => {
  it("has Graphite's members in Graphite's order, with new ids", () => {
    const made = invokeContext({ kwargs: { locale: 'en' }, conversation_id: 'c' })
    expect(Object.keys(made)).toEqual(['conversation_id', 'invoke_id', 'assistant_request_id', 'user_id', 'kwargs'])
    expect(made).toMatchObject({ conversation_id: 'c', user_id: '', kwargs: { locale: 'en' } })
    expect(made.invoke_id).toMatch(/^[0-9a-f]{32}$/)
    expect(made.assistant_request_id).not.toBe(made.invoke_id)
    expect(invokeContext({ ...made, user_id: null })).toEqual({ ...made, user_id: null })
  })
})
