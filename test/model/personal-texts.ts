import fc from 'fast-check'
import { AGENT_EVENT_TYPES } from '../../src/model/event-types.ts'
import { AS_IS, object, randomFrom, type Tree, tree, write } from './slice-texts.ts'

const text = (string: string): Tree => ({ string })
const members = (given: Readonly<Record<string, Tree>>): Tree => ({ object: Object.entries(given) })

const topicEvent = (data: Tree): Tree =>
  members({
    event_id: text('nested'),
    event_type: text('ConsumeFromTopic'),
    event_context: members({ name: text('topic'), offset: { literal: '0' } }),
    data,
  })

/** Payloads that are what Graphite sends, what it might send, and nothing of the kind. */
const payload = fc.oneof(
  tree,
  tree.map((data) => ({ array: [topicEvent(data), data] })),
  tree.map((content) => members({ message_id: text('m'), role: text('user'), content })),
)

/** JSON texts of events of every type, with strings, numbers and objects of all sorts at known places and at others. */
export const eventTexts = fc
  .record({
    type: fc.constantFrom(...AGENT_EVENT_TYPES, 'OwnType', 'enc:v1:'),
    id: fc.constantFrom('e-1', 'ü 😀'),
    context: object,
    kwargs: tree,
    input: payload,
    output: payload,
    data: payload,
    isTopic: fc.boolean(),
    extra: tree,
    seed: fc.integer(),
  })
  .map(({ type, id, context, kwargs, input, output, data, isTopic, extra, seed }) => {
    const invoke = members({ conversation_id: text('conversation-1'), user_id: text('user-1'), kwargs })
    const event = members({
      extra,
      event_type: text(type),
      event_context: { object: [['invoke_context', invoke], ...('object' in context ? context.object : [])] },
      data: isTopic ? data : members({ input_data: input, output_data: output, error: extra }),
      event_id: text(id),
    })
    return write(event, randomFrom(seed), AS_IS)
  })

/** An event of each type that holds every member that its type is known to have, with `said` wherever people may say something. */
export function eventOfType(type: string, said: string): Record<string, unknown> {
  const invoke_context = {
    conversation_id: 'id:c',
    invoke_id: 'id:i',
    assistant_request_id: 'id:r',
    user_id: 'id:u',
    kwargs: { k: said },
  }
  const envelope = {
    event_id: 'id:e',
    event_version: '1.0',
    assistant_request_id: 'id:r',
    timestamp: '2025-08-28T10:40:11+00:00',
  }
  const message = {
    name: said,
    message_id: 'id:m',
    timestamp: 1756377611078069,
    content: said,
    refusal: said,
    annotations: [{ title: said }],
    audio: { transcript: said },
    role: 'tool',
    tool_call_id: 'id:t',
    tools: [{ type: 'function', function: { name: 'search', description: said, parameters: { title: said } } }],
    function_call: { name: 'search', arguments: said },
    tool_calls: [{ id: 'id:t', type: 'function', function: { name: 'search', arguments: said } }],
  }
  const topic = { invoke_context, name: 'topic', type: 'Topic', offset: 3, unheard: said }
  const party = {
    publisher_name: 'P',
    publisher_type: 'Node',
    consumer_name: 'C',
    consumer_type: 'Node',
    consumed_event_ids: ['id:n'],
  }
  const nested = {
    event_context: { ...topic, ...party },
    ...envelope,
    event_id: 'id:n',
    event_type: 'ConsumeFromTopic',
    data: said,
  }
  if (['TopicEvent', 'PublishToTopic', 'ConsumeFromTopic', 'OutputTopic', 'StreamTopicEvent'].includes(type)) {
    return { event_context: { ...topic, ...party }, ...envelope, event_type: type, data: said, more: said }
  }
  const family = type.replace(/Invoke|Respond|Failed/, '').toLowerCase()
  const component = { id: 'id:x', name: 'Name', type: 'Type', invoke_context, unheard: { of: [said] } }
  const before = { [`${family}_id`]: 'id:x', [`${family}_name`]: 'Name', [`${family}_type`]: 'Type' }
  const topics =
    family === 'node' ? { subscribed_topics: ['topic', { name: 'topic', rule: said }], publish_to_topics: ['topic'] } : {}
  const model = family === 'assistant' ? { model: 'gpt-4o' } : {}
  const input_data = family === 'tool' ? [message] : family === 'node' ? [nested] : nested
  const outcome = type.endsWith('Failed')
    ? { error: said, error_details: { trace: said } }
    : type.endsWith('Respond')
      ? { output_data: family === 'tool' ? [message] : nested }
      : {}
  return {
    ...envelope,
    event_type: type,
    event_context: { ...component, ...before, ...topics, ...model },
    data: { input_data, ...outcome, note: said },
    more: said,
  }
}
