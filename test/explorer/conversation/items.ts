import type { JsonValue } from '../../../src/client/index.ts'
import type { ConversationItem } from '../../../src/explorer/data/conversation-item.ts'
import { stringifyJson } from '../../../src/model/json.ts'

const EPOCH = Date.UTC(2026, 10, 22)

/** An event of a conversation as the explorer holds it. */
export function itemOf(seq: number, raw: unknown): ConversationItem {
  const recorded_at = new Date(EPOCH + seq).toISOString()
  return { seq, cursor: String(seq), recorded_at, event: null, raw: raw as JsonValue, text: stringifyJson(raw) }
}

export function itemsOf(events: readonly unknown[]): ConversationItem[] {
  return events.map((event, index) => itemOf(index + 1, event))
}

export interface Told {
  /** Such as `NodeInvoke`. */
  readonly type: string
  readonly name?: string
  /** Milliseconds after the first event could be. */
  readonly at?: number
  readonly request?: string
  readonly id?: string
  readonly input?: unknown
  readonly output?: unknown
  readonly error?: string
  readonly context?: object
}

let made = 0

/** A component's event. */
export function told({ type, name = 'A', at = 0, request = 'r', id, input = [], output, error, context }: Told) {
  return {
    event_id: id ?? `event-${made++}`,
    assistant_request_id: request,
    event_type: type,
    timestamp: new Date(EPOCH + at).toISOString(),
    event_context: { id: name, name, type: 'Type', invoke_context: { conversation_id: 'c', invoke_id: 'i' }, ...context },
    data: {
      input_data: input,
      ...(output === undefined ? {} : { output_data: output }),
      ...(error === undefined ? {} : { error }),
    },
  }
}

export interface TopicTold {
  readonly type: 'PublishToTopic' | 'ConsumeFromTopic'
  readonly id: string
  readonly by?: string
  readonly topic?: string
  readonly offset?: number
  readonly consumed?: readonly string[]
  readonly at?: number
  readonly request?: string
  readonly messages?: readonly object[]
}

export function topicTold({
  type,
  id,
  by = 'A',
  topic = 't',
  offset = 0,
  consumed = [],
  at = 0,
  request = 'r',
  messages = [],
}: TopicTold) {
  const who = type === 'PublishToTopic' ? { publisher_name: by, consumed_event_ids: consumed } : { consumer_name: by }
  return {
    event_id: id,
    assistant_request_id: request,
    event_type: type,
    timestamp: new Date(EPOCH + at).toISOString(),
    event_context: { ...who, name: topic, type: 'Topic', offset, invoke_context: { conversation_id: 'c', invoke_id: 'i' } },
    data: JSON.stringify(messages),
  }
}
