import type { EventHead } from './event-head.ts'
import { PUBLISH_EVENT_TYPES } from './event-types.ts'
import type { EventFilter } from './history.ts'

/** Whether an event's head is what a filter asks for. */
export function matchesFilter(head: EventHead, filter: EventFilter): boolean {
  const { event_id, event_type, assistant_request_id, topic } = filter
  if (event_id !== undefined && head.event_id !== event_id) return false
  if (event_type !== undefined && head.event_type !== event_type) return false
  if (assistant_request_id !== undefined && head.assistant_request_id !== assistant_request_id) return false
  if (topic !== undefined) {
    if (head.topic_name !== topic.name || head.topic_offset === null) return false
    if (!topic.offsets.includes(head.topic_offset)) return false
    if (!(PUBLISH_EVENT_TYPES as readonly string[]).includes(head.event_type)) return false
  }
  return true
}
