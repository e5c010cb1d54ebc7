import type { ApplicationEventFacts } from './application-events.ts'
import { hashId } from './digest-id.ts'
import type { EventHead } from './event-head.ts'
import { factsHash } from './facts-hash.ts'
import { idText } from './text-rules.ts'

/** Logs of a topic whose events belong to no workflow: one alone would bound what the topic takes. Never changes: repeats look in the same log. */
const TOPIC_LOGS = 16

/** The longest id of a workflow or a run that stands in its log's id as it is. Never changes: repeats look in the same log. */
const MAX_PLAIN_LENGTH = 240
const PLAIN = idText(MAX_PLAIN_LENGTH)

/** What stands of any other: its beginning for the eye, and 16 hex digits to tell it from others. */
const BEGINNING_LENGTH = 200
const HASH_LENGTH = 16

/**
 * The conversation id of the log that an application event stands in: `workflow:<run id>`, else `workflow:<workflow id>`, else
 * `topic:<name>:<nn>` with `nn` from 00 to 15 by the event's id. Of an id that is too long or holds what no conversation id
 * may, `workflow:<its beginning>~<its hash>`.
 */
export async function applicationEventLog(facts: ApplicationEventFacts, eventId: string): Promise<string> {
  const workflow = facts.workflow_run_id ?? facts.workflow_id
  if (workflow !== null) return `workflow:${await workflowKey(workflow)}`
  const number = hashId(eventId)[1] % TOPIC_LOGS
  return `topic:${facts.topic_name}:${String(number).padStart(2, '0')}`
}

async function workflowKey(id: string): Promise<string> {
  // Behind the prefix "." and ".." are names like others.
  if (id === '.' || id === '..' || PLAIN.safeParse(id).success) return id
  const beginning = id.slice(0, BEGINNING_LENGTH).replaceAll(/[\p{Cc}\p{Cs}]/gu, '_')
  return `${beginning}~${await factsHash([id], HASH_LENGTH)}`
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
