import * as z from 'zod'
import { member } from './event-context.ts'
import { isAgentEventType, LIFECYCLE_EVENT_NAMES, type LifecycleEventName } from './event-types.ts'
import { describeIssue, type EventIssue, toEventIssues } from './issues.ts'
import { MAX_ID_LENGTH } from './limits.ts'
import { idTextOrEmpty, storableText } from './text-rules.ts'

/*
 * The events that Atlan's application SDK publishes. Its models allow further members everywhere, and its senders leave
 * out or send as null what they do not know.
 */

/** Names of which the store makes conversation ids (`topic:<name>:<nn>`): 16 characters are for the rest. */
const MAX_NAME_LENGTH = MAX_ID_LENGTH - 16

/** The years 1970 to 9999, in seconds. */
const MAX_UNIX_SECONDS = 253_402_300_799

/** What stands in the event's text alone, and in no index, has no limit but the event's. */
const anyText = z.string().nullish()

export const EventMetadataSchema = z.looseObject({
  application_name: anyText,
  created_timestamp: z.number().min(0).max(MAX_UNIX_SECONDS).nullish(),
  topic_name: nameText().nullish(),
  workflow_type: anyText,
  workflow_id: anyText,
  workflow_run_id: anyText,
  workflow_state: anyText,
  activity_type: anyText,
  activity_id: anyText,
  attempt: z.int().min(0).nullish(),
})
export type EventMetadata = z.infer<typeof EventMetadataSchema>

export const ApplicationEventSchema = z
  .looseObject({
    event_id: idTextOrEmpty().nullish().meta({ description: 'For senders with ids of their own: the SDK sends none' }),
    event_type: nameText().check((context) => {
      if (context.value === '') context.issues.push({ code: 'custom', message: 'is empty: send a non-empty string', input: '' })
    }),
    event_name: storableText().nullish(),
    data: z.looseObject({}).nullish(),
    metadata: EventMetadataSchema.nullish(),
  })
  .meta({ id: 'ApplicationEvent' })
/** An application event as its sender writes it: only `event_type` is certain. */
export type ApplicationEvent = z.infer<typeof ApplicationEventSchema>

/** What the store reads from an application event. An empty string counts as nothing, as it does for the SDK. */
export interface ApplicationEventFacts {
  /** The sender's own; the SDK sends none. */
  readonly event_id: string | null
  readonly event_type: string
  readonly event_name: string | null
  /** The sender's own, else the event type, as the SDK's `get_topic_name()`. */
  readonly topic_name: string
  readonly application_name: string | null
  readonly workflow_type: string | null
  readonly workflow_id: string | null
  readonly workflow_run_id: string | null
  readonly workflow_state: string | null
  readonly activity_type: string | null
  readonly activity_id: string | null
  readonly attempt: number | null
  /** From `created_timestamp`: ISO 8601 in UTC with `Z`, to the millisecond; null when the sender set no time (or 0, the SDK's default). */
  readonly timestamp: string | null
}

export type ApplicationEventCheck =
  | { readonly ok: true; readonly facts: ApplicationEventFacts }
  | { readonly ok: false; readonly issues: readonly EventIssue[] }

const PARSE_OPTIONS = { error: describeIssue }

/** Decides whether a parsed JSON value can be recorded as an application event, and reads what is known of it. The value is not changed. */
export function checkApplicationEvent(value: unknown): ApplicationEventCheck {
  const result = ApplicationEventSchema.safeParse(value, PARSE_OPTIONS)
  if (!result.success) return { ok: false, issues: toEventIssues(result.error.issues) }
  const event = result.data
  // It would stand in the log of a topic, where its conversation has nothing of it.
  if (isAgentEventType(event.event_type) && member(event.event_context, 'invoke_context') !== undefined) {
    const message = 'is what Graphite records: send such an event to POST /v1/events'
    return { ok: false, issues: [{ path: 'event_context.invoke_context', message }] }
  }
  const metadata = event.metadata ?? {}
  return {
    ok: true,
    facts: {
      event_id: event.event_id || null,
      event_type: event.event_type,
      event_name: event.event_name || null,
      topic_name: metadata.topic_name || event.event_type,
      application_name: metadata.application_name || null,
      workflow_type: metadata.workflow_type || null,
      workflow_id: metadata.workflow_id || null,
      workflow_run_id: metadata.workflow_run_id || null,
      workflow_state: metadata.workflow_state || null,
      activity_type: metadata.activity_type || null,
      activity_id: metadata.activity_id || null,
      attempt: metadata.attempt ?? null,
      timestamp: metadata.created_timestamp ? new Date(metadata.created_timestamp * 1000).toISOString() : null,
    },
  }
}

/** Whether the name tells of a workflow's or an activity's beginning or end. */
export function isLifecycleEventName(name: string): name is LifecycleEventName {
  return (LIFECYCLE_EVENT_NAMES as readonly string[]).includes(name)
}

/** Part of a conversation id and, by itself, of a URL path; empty means not set. */
function nameText() {
  return idTextOrEmpty(MAX_NAME_LENGTH)
}
