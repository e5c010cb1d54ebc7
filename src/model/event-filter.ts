import type { EventHead } from './event-head.ts'
import { PUBLISH_EVENT_TYPES } from './event-types.ts'
import type { EventFilter, TopicFilter } from './history.ts'

/** Whether an event's head is what a filter asks for. */
export function matchesFilter(head: EventHead, filter: EventFilter): boolean {
  const { event_id, event_type, assistant_request_id, topic } = filter
  if (event_id !== undefined && head.event_id !== event_id) return false
  if (event_type !== undefined && head.event_type !== event_type) return false
  if (assistant_request_id !== undefined && head.assistant_request_id !== assistant_request_id) return false
  return topic === undefined || isOfTopic(head, topic)
}

function isOfTopic(head: EventHead, { name, offsets }: TopicFilter): boolean {
  if (head.topic_name !== name) return false
  if (offsets === undefined) return head.assistant_request_id === null
  if (head.topic_offset === null || !offsets.includes(head.topic_offset)) return false
  return (PUBLISH_EVENT_TYPES as readonly string[]).includes(head.event_type)
}
