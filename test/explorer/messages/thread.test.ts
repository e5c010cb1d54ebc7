import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownOf } from '../../../src/explorer/views/conversation/messages/carriers.ts'
import { Thread } from '../../../src/explorer/views/conversation/messages/thread.ts'
import { type ThreadRow, threadRows } from '../../../src/explorer/views/conversation/messages/thread-rows.ts'
import { conversationMessages } from '../../../src/model/conversation-messages.ts'
import { parseJson } from '../../../src/model/json.ts'
import { itemsOf, told, topicTold } from '../conversation/items.ts'
import { sampleConversationTexts } from '../sample-conversations.ts'

const sample = (last: 'finished' | 'failed' | 'unfinished', requests = 2) =>
  sampleConversationTexts({ id: 'c', startedAt: new Date(0), requests, everyMs: 60_000, last }).map((text) => parseJson(text))

function rowsOf(events: readonly unknown[], until = events.length, thread = new Thread()) {
  thread.feed(itemsOf(events))
  return threadRows(thread, until)
}

function messagesOf(rows: readonly ThreadRow[]) {
  return rows.flatMap((row) =>
    row.kind === 'message' ? [row.shown, ...row.calls.flatMap((call) => call.results)].map((one) => one.message) : [],
  )
}

const user = { role: 'user', message_id: 'u', content: 'Hello' }

describe('the thread of a conversation', () => {
  it.each(['finished', 'failed', 'unfinished'] as const)('tells the messages of a %s conversation as the store does', (last) => {
    const events = sample(last)
    const { rows, messages } = rowsOf(events)
    expect(messagesOf(rows)).toEqual(conversationMessages(events))
    expect(messages).toBeGreaterThan(6)
  })

  it('tells of any events and of any beginning of them what the store tells of those', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 14 }), fc.nat(14), (events, until) => {
        const thread = new Thread()
        const { rows } = rowsOf(events, until, thread)
        expect(messagesOf(rows)).toEqual(conversationMessages(events.slice(0, until)))
        expect(messagesOf(threadRows(thread, events.length).rows)).toEqual(conversationMessages(events))
      }),
      { numRuns: 500 },
    )
  })

  it('tells the same when the events come in pieces', () => {
    const items = itemsOf(sample('failed'))
    const thread = new Thread()
    for (let end = 0; end <= items.length; end += 7) thread.feed(items.slice(0, end))
    thread.feed(items)
    const whole = new Thread()
    whole.feed(items)
    expect(threadRows(thread, items.length)).toEqual(threadRows(whole, items.length))
  })

  it('puts the result of a tool to its call, whatever came between', () => {
    const call = { id: 'call-1', type: 'function', function: { name: 'search', arguments: '{"query":"x"}' } }
    const { rows, indexOf } = rowsOf([
      topicTold({ type: 'PublishToTopic', id: '1', messages: [{ role: 'assistant', message_id: 'a', tool_calls: [call] }] }),
      topicTold({ type: 'PublishToTopic', id: '2', offset: 1, messages: [user] }),
      topicTold({
        ...{ type: 'PublishToTopic', id: '3', offset: 2 },
        messages: [{ role: 'tool', message_id: 't', tool_call_id: 'call-1', content: 'found' }],
      }),
    ])
    expect(rows.map((row) => row.kind)).toEqual(['request', 'message', 'message'])
    expect(rows[1]).toMatchObject({ calls: [{ name: 'search', results: [{ seq: 3, message: { content: 'found' } }] }] })
    expect(indexOf.get('t')).toBe(1)
  })

  it('tells one failure once, with the component that failed first', () => {
    const events = ['Tool', 'Node', 'Workflow', 'Assistant'].map((family) =>
      told({ type: `${family}Failed`, name: family, error: 'no answer' }),
    )
    const { rows, indexOf, wholeOf } = rowsOf(events)
    expect(rows).toMatchObject([{ kind: 'request' }, { kind: 'failure', failure: { by: 'Tool', error: 'no answer', seq: 1 } }])
    expect([...indexOf.values()]).toEqual([1])
    expect(wholeOf.size).toBe(1)
    expect(rowsOf(events, 0).rows).toEqual([])
  })

  it('parts requests', () => {
    const { rows } = rowsOf(sample('finished', 3))
    expect(rows.filter((row) => row.kind === 'request')).toHaveLength(3)
    expect(rows[0]?.kind).toBe('request')
  })

  it('leads from every piece of a streamed message to the whole', () => {
    const piece = (content: string) => [{ role: 'assistant', message_id: 's', content, is_streaming: true }]
    const events = ['He', 'll', 'o'].map((content, offset) =>
      topicTold({ type: 'PublishToTopic', id: `p${offset}`, offset, messages: piece(content) }),
    )
    const { rows, indexOf, wholeOf } = rowsOf(events)
    expect(messagesOf(rows)).toMatchObject([{ content: 'Hello', is_streaming: false }])
    expect(messagesOf(rowsOf(events, 2).rows)).toMatchObject([{ content: 'Hell' }])
    for (const event of events) {
      for (const { key } of ownOf(event)) expect(indexOf.get(wholeOf.get(key) ?? '')).toBe(1)
    }
  })
})

describe('what is an event’s own', () => {
  const history = [user, { role: 'assistant', message_id: 'a', content: 'Hi' }]

  it('is of a beginning the last message of the history, and of an end what it gave', () => {
    expect(keys(told({ type: 'ToolInvoke', input: history }))).toEqual(['a'])
    expect(keys(told({ type: 'ToolRespond', input: history, output: [{ role: 'tool', message_id: 'o' }] }))).toEqual(['o'])
    expect(keys(told({ type: 'ToolFailed', input: history, error: 'no' }))).toEqual(['a'])
  })

  it('is of a topic event what it carries, and of a run what the topic events in it carry', () => {
    const event = topicTold({ type: 'ConsumeFromTopic', id: '1', messages: history })
    expect(keys(event)).toEqual(['u', 'a'])
    expect(keys(told({ type: 'NodeInvoke', input: [event] }))).toEqual(['u', 'a'])
  })

  it.each([null, 7, 'text', {}, { event_context: null }, { event_context: {}, data: '{' }])('is nothing of %j', (event) => {
    expect(ownOf(event)).toEqual([])
  })

  const keys = (event: unknown) => ownOf(event).map(({ key }) => key)
})

const anyMessage = fc.record(
  {
    role: fc.constantFrom('user', 'assistant', 'tool'),
    message_id: fc.constantFrom('m1', 'm2', 'm3', 'm4'),
    content: fc.constantFrom('one', 'two', null),
    tool_call_id: fc.constantFrom('c1', 'c2', null),
    tool_calls: fc.constantFrom(null, [], [{ id: 'c1' }], [{ id: 'c1' }, { id: 'c2' }]),
    is_streaming: fc.boolean(),
  },
  { requiredKeys: ['role'] },
)
const messages = fc.array(anyMessage, { maxLength: 3 })
const request = fc.constantFrom('r1', 'r2')
const ids = fc.uuid()
const anyTopicEvent = fc
  .record({
    type: fc.constantFrom('PublishToTopic' as const, 'ConsumeFromTopic' as const),
    by: fc.constantFrom('A', 'B'),
    topic: fc.constantFrom('t1', 't2'),
    offset: fc.constantFrom(0, 1),
    id: ids,
    request,
    messages,
  })
  .map(topicTold)
const anyRun = fc
  .record({
    type: fc.constantFrom('NodeInvoke', 'NodeRespond', 'AssistantInvoke', 'ToolFailed', 'AssistantRespond'),
    id: ids,
    request,
    input: fc.oneof(messages, fc.array(anyTopicEvent, { maxLength: 2 })),
    output: fc.oneof(messages, anyTopicEvent),
  })
  .map(told)
const anyEvent = fc.oneof(anyTopicEvent, anyRun, fc.constant({ event_id: 'x', event_type: 'Other' }))
