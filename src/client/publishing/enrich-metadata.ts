import type { ApplicationEvent, EventMetadata } from '../../model/application-events.ts'
import type { ExecutionContext } from './execution-context.ts'

// Runs in Temporal's workflow sandbox too: no clock, no randomness, and of the model types alone.

export interface Enrichment {
  readonly applicationName: string | undefined
  /** Unix milliseconds. */
  readonly now: number
  readonly context: ExecutionContext | null
}

/** The topic that an event goes to: its type, as the SDK's `get_topic_name()`. */
export function getTopicName(event: Pick<ApplicationEvent, 'event_type'>): string {
  return event.event_type
}

/**
 * The event's metadata with what the sender left open: application, time (whole Unix seconds), topic, and the workflow
 * and activity that it comes from. What the sender set stays. An event that names another workflow or another activity
 * than the context's gets nothing from that, so that no event mixes two of them. The event is not changed.
 */
export function enrichMetadata(event: ApplicationEvent, { applicationName, now, context }: Enrichment): EventMetadata {
  const given: unknown = event.metadata ?? {}
  // Not for us to mend: the check before sending says what is wrong with it.
  if (typeof given !== 'object' || Array.isArray(given)) return given as EventMetadata
  const metadata: EventMetadata = { ...given }
  fill(metadata, {
    application_name: applicationName,
    created_timestamp: Math.floor(now / 1000),
    topic_name: getTopicName(event),
  })
  const { workflow, activity } = context ?? {}
  if (isOther(metadata.workflow_id, workflow?.id) || isOther(metadata.workflow_run_id, workflow?.runId)) return metadata
  fill(metadata, { workflow_type: workflow?.type, workflow_id: workflow?.id, workflow_run_id: workflow?.runId })
  if (activity && !isOther(metadata.activity_id, activity.id)) {
    fill(metadata, {
      activity_type: activity.type,
      activity_id: activity.id,
      attempt: activity.attempt,
      workflow_state: 'running',
    })
  }
  return metadata
}

function fill(metadata: EventMetadata, values: EventMetadata): void {
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && !isSet(metadata[name], name)) metadata[name] = value
  }
}

/** The SDK's models have defaults that say nothing: an empty string, a time of 0, the state `unknown`. */
function isSet(value: unknown, name = ''): boolean {
  if (name === 'created_timestamp' && value === 0) return false
  if (name === 'workflow_state' && value === 'unknown') return false
  return value !== undefined && value !== null && value !== ''
}

function isOther(given: unknown, own: string | undefined): boolean {
  return isSet(given) && given !== own
}
