import { describe, expect, it } from 'vitest'
import type { AgentEvent } from '../../src/model/agent-events.ts'
import { parseJson, stringifyJson } from '../../src/model/json.ts'
import {
  assistantInvoke,
  assistantRespond,
  consumeFromTopic,
  conversationMessages,
  invokeContext,
  isToolInvoke,
  type Message,
  message,
  publishToTopic,
  type RunContext,
  toolInvoke,
  toolRespond,
} from '../../src/model/public.ts'
import { recordedRun, WHY_SKIPPED } from './recorded-run.ts'
import { run } from './sample-events.ts'

const says = (role: 'user' | 'assistant', content: string) => message({ role, content })
const contents = (messages: readonly Message[]) => messages.map((one) => one.content)
const idsOf = (messages: readonly { message_id?: unknown }[]) => messages.map((one) => one.message_id)
const newRun = () => invokeContext({ conversation_id: 'c' })

const published = (invoke_context: RunContext, offset: number, data: Message[], more: { consumed_event_ids?: string[] } = {}) =>
  publishToTopic({ invoke_context, name: 't', type: 'Topic', offset, publisher_name: 'node', data, ...more })

/** A finished request: what the user asked, a thought in between, the answer. */
function request(question: string, answer: string): { id: string; events: AgentEvent[] } {
  const invoke_context = newRun()
  const asked = published(invoke_context, 0, [says('user', question)])
  const invoke = assistantInvoke({ invoke_context, name: 'A', type: 'A', input_data: asked })
  const thought = published(invoke_context, 1, [says('assistant', `thinking of ${answer}`)])
  const answered = published(invoke_context, 2, [says('assistant', answer)])
  const { name, type, offset } = { name: 't', type: 'Topic' as const, offset: 2 }
  const consumed = consumeFromTopic({ invoke_context, name, type, offset, data: answered.data })
  const respond = assistantRespond({ invoke, output_data: [consumed] })
  return { id: invoke_context.assistant_request_id, events: [invoke, asked, thought, answered, consumed, respond] }
}

async function* slowly<T>(items: Iterable<T>) {
  for (const item of items) yield await Promise.resolve(item)
}

/** For every call of a language model: what the conversation was until then, and what the model was given. */
function modelCalls(events: readonly unknown[]) {
  return events.flatMap((event, index) => {
    if (!isToolInvoke(event) || !String(event.event_context.name).includes('LLM')) return []
    const seenBy = event.assistant_request_id
    return [{ seen: conversationMessages(events.slice(0, index), { seenBy }), given: event.data.input_data as Message[] }]
  })
}

describe('conversationMessages', () => {
  it('gives every message once, in the order of recording', () => {
    const events = [...request('one?', '1').events, ...request('two?', '2').events]
    const expected = ['one?', 'thinking of 1', '1', 'two?', 'thinking of 2', '2']
    expect(contents(conversationMessages(events))).toEqual(expected)
    expect(contents(conversationMessages([...events, ...events]))).toEqual(expected)
  })

  it('takes events that arrive one by one', async () => {
    const { events } = request('one?', '1')
    await expect(conversationMessages(slowly(events))).resolves.toEqual(conversationMessages(events))
  })

  it('knows an unfinished request up to where it broke off, were it before anything was published', () => {
    const { events } = request('one?', '1')
    expect(contents(conversationMessages(events.slice(0, 3)))).toEqual(['one?', 'thinking of 1'])
    expect(contents(conversationMessages(events.slice(0, 1)))).toEqual(['one?'])
    expect(conversationMessages([])).toEqual([])
  })

  it('gives a language model what it was given in every call of a run', () => {
    const calls = modelCalls(run({ turns: 3 }))
    expect(calls.length).toBe(11)
    for (const { seen, given } of calls) expect(seen).toEqual(given)
  })

  it.skipIf(recordedRun === null)(`gives a language model what it was given in a recorded run (${WHY_SKIPPED})`, () => {
    const calls = modelCalls(recordedRun ?? [])
    expect(calls.length).toBe(5)
    for (const { seen, given } of calls) expect(seen).toEqual(given)
    expect(idsOf(conversationMessages(recordedRun ?? [])).length).toBe(7)
  })

  it('shows a language model the input and output of other requests that responded, and all of its own', () => {
    const [first, broken, own] = [request('one?', '1'), request('two?', '2'), request('three?', '3')]
    const events = [...first.events, ...broken.events.slice(0, -1), ...own.events.slice(0, 3)]
    expect(contents(conversationMessages(events, { seenBy: own.id }))).toEqual(['one?', '1', 'three?', 'thinking of 3'])
    expect(contents(conversationMessages(events, { seenBy: 'a new request' }))).toEqual(['one?', '1'])
  })

  it('keeps every digit of what topic events carry as text', () => {
    const given = { ...says('user', 'Hello'), timestamp: 1756377611078069123n, extra: parseJson('1e400') }
    const [found] = conversationMessages([published(newRun(), 0, [given])])
    expect(found?.timestamp).toBe(1756377611078069123n)
    expect(stringifyJson(found)).toBe(stringifyJson(given))
  })

  it('puts the answers of tools behind their calls', () => {
    const invoke_context = newRun()
    const call = (id: string) => ({ id, type: 'function' as const, function: { name: 'search', arguments: '{}' } })
    const calls = message({ role: 'assistant', tool_calls: [call('a'), call('b')] })
    const [b, between, a] = [
      message({ role: 'tool', tool_call_id: 'b', content: 'B' }),
      says('assistant', 'between'),
      message({ role: 'tool', tool_call_id: 'a', content: 'A' }),
    ]
    const lost = message({ role: 'tool', tool_call_id: 'of no call', content: 'lost' })
    const events = [calls, b, between, a, lost].map((one, offset) => published(invoke_context, offset, [one]))
    expect(contents(conversationMessages(events))).toEqual([null, 'A', 'B', 'between', 'lost'])
  })

  it('joins the pieces of a streamed message, and takes no second form of it', () => {
    const invoke_context = newRun()
    const pieces = ['He', 'llo', null].map((content) => message({ role: 'assistant', content, is_streaming: true }))
    const consumed_event_ids = ['consumed']
    const events = pieces.map((piece, offset) => published(invoke_context, offset, [piece], { consumed_event_ids }))
    const whole = [says('assistant', 'Hello')]
    const consumed = consumeFromTopic({ invoke_context, name: 't', type: 'Topic', offset: 0, data: whole })
    const other = published(invoke_context, 3, [message({ role: 'assistant', content: 'Bye', is_streaming: true })])
    const messages = conversationMessages([...events, consumed, other])
    expect(messages).toEqual([
      { ...pieces[0], content: 'Hello', is_streaming: false },
      { ...messages[1], content: 'Bye', is_streaming: false },
    ])
    expect(pieces[0]?.content).toBe('He')
  })

  it('joins pieces that share one id, each once, however often it is read', () => {
    const invoke_context = newRun()
    const first = message({ role: 'assistant', content: 'ha', is_streaming: true })
    const pieces = [first, { ...first, content: ' ' }, first, { ...first, content: '!' }]
    const events = pieces.map((piece, offset) => published(invoke_context, offset, [piece]))
    expect(contents(conversationMessages([...events, ...events]))).toEqual(['ha ha!'])
  })

  it('takes big integers wherever they stand', () => {
    const odd = { event_type: 'PublishToTopic', assistant_request_id: 'r', data: [says('user', 'Hello')] }
    const event_context = { name: 't', offset: 0, publisher_name: 1756377611078069123n, consumed_event_ids: [2n ** 64n] }
    const outer = { event_type: 'AssistantInvoke', assistant_request_id: 's', data: { input_data: [{ ...odd, event_context }] } }
    expect(contents(conversationMessages([outer]))).toEqual(['Hello'])
  })

  it('reads what was consumed where its publishing is not recorded', () => {
    const consumed = consumeFromTopic({ invoke_context: newRun(), name: 't', offset: 0, data: [says('user', 'Hello')] })
    expect(contents(conversationMessages([consumed]))).toEqual(['Hello'])
  })

  it('reads component events where their request has no topic events, in both forms of old versions', () => {
    const invoke = toolInvoke({ invoke_context: newRun(), name: 'T', type: 'LLMTool', input_data: [says('user', 'Hello')] })
    const respond = toolRespond({ invoke, output_data: [says('assistant', 'Hi')] })
    expect(contents(conversationMessages([invoke, respond]))).toEqual(['Hello', 'Hi'])
    const old = { ...respond, event_type: 'AssistantRespond' }
    expect(contents(conversationMessages([old], { seenBy: 'another' }))).toEqual(['Hello', 'Hi'])
  })

  it('tells equal messages without ids of two requests apart', () => {
    const bare = { role: 'user', content: 'yes' }
    const event = (assistant_request_id: string, offset: number) => ({
      event_type: 'PublishToTopic',
      assistant_request_id,
      event_context: { topic_name: 'old', offset },
      data: JSON.stringify([bare]),
    })
    expect(conversationMessages([event('1', 0), event('1', 1), event('2', 0)])).toEqual([bare, bare])
  })

  it('passes over what holds no messages', () => {
    const odd = ['no JSON', '{"role":1}', null, 5, [null, 'text'], {}]
    const events = odd.map((data) => ({ event_type: 'OutputTopic', assistant_request_id: 'r', event_context: {}, data }))
    expect(conversationMessages([...events, null, { event_type: 'Own' }, { event_type: 'ToolInvoke' }])).toEqual([])
  })
})
