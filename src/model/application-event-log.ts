import type { ApplicationEventFacts } from './application-events.ts'
import { hashId } from './digest-id.ts'
import type { EventHead } from './event-head.ts'

/** Logs of a topic whose events belong to no workflow: one alone would bound what the topic takes. Never changes: repeats look in the same log. */
const TOPIC_LOGS = 16

/**
 * The conversation id of the log that an application event stands in: `workflow:<run id>`, else `workflow:<workflow id>`, else
 * `topic:<name>:<nn>` with `nn` from 00 to 15 by the event's id.
 */
export function applicationEventLog(facts: ApplicationEventFacts, eventId: string): string {
  const workflow = facts.workflow_run_id ?? facts.workflow_id
  if (workflow !== null) return `workflow:${workflow}`
  const number = hashId(eventId)[1] % TOPIC_LOGS
  return `topic:${facts.topic_name}:${String(number).padStart(2, '0')}`
}

/** The columns that an application event is found by. `createdAt` is ISO 8601, for an event whose sender named no time. */
export function applicationEventHead(facts: ApplicationEventFacts, eventId: string, createdAt: string): EventHead {
  return {
    event_id: eventId,
    assistant_request_id: null,
    event_type: facts.event_type,
    event_name: facts.event_name,
    event_version: null,
    user_id: null,
    topic_name: facts.topic_name,
    topic_offset: null,
    timestamp: facts.timestamp ?? createdAt,
  }
}
