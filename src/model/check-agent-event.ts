import { AGENT_EVENT_SCHEMAS, type EventEnvelope, EventEnvelopeSchema } from './agent-events.ts'
import { member, topicOf } from './event-context.ts'
import type { EventHead } from './event-head.ts'
import { isTopicEventType } from './event-types.ts'
import { describeIssue, type EventIssue, toEventIssues } from './issues.ts'
import { toUtcTimestamp } from './timestamp.ts'

export type AgentEventCheck =
  | { readonly ok: true; readonly conversation_id: string; readonly head: EventHead }
  | { readonly ok: false; readonly issues: readonly EventIssue[] }

const SCHEMAS = new Map(Object.entries(AGENT_EVENT_SCHEMAS))

const PARSE_OPTIONS = { error: describeIssue }

/**
 * Decides whether a parsed JSON value can be recorded as an agent event, and reads the columns it is found by.
 * A type of Graphite's is held to that type's schema, any other type to the envelope. The value is not changed.
 */
export function checkAgentEvent(value: unknown): AgentEventCheck {
  const eventType = member(value, 'event_type')
  const schema = (typeof eventType === 'string' ? SCHEMAS.get(eventType) : undefined) ?? EventEnvelopeSchema
  const result = schema.safeParse(value, PARSE_OPTIONS)
  if (!result.success) return { ok: false, issues: toEventIssues(result.error.issues) }
  return { ok: true, conversation_id: result.data.event_context.invoke_context.conversation_id, head: headOf(result.data) }
}

function headOf(event: EventEnvelope): EventHead {
  const topic = isTopicEventType(event.event_type) ? topicOf(event.event_context) : undefined
  return {
    event_id: event.event_id,
    assistant_request_id: event.assistant_request_id,
    event_type: event.event_type,
    event_name: null,
    event_version: event.event_version ?? null,
    user_id: event.event_context.invoke_context.user_id ?? null,
    topic_name: topic?.name ?? null,
    topic_offset: topic?.offset ?? null,
    timestamp: toUtcTimestamp(event.timestamp) ?? event.timestamp,
  }
}
