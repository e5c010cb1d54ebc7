import { member, text } from '../../../../model/event-context.ts'
import type { ConversationItem } from '../../../data/conversation-item.ts'

/** What is read of an item of a run's log. */
export type LoggedItem = Pick<ConversationItem, 'seq' | 'recorded_at' | 'raw'>

/** An application event as a run's view shows it. */
export interface RunEvent {
  readonly seq: number
  /** Unix milliseconds. */
  readonly at: number
  readonly name: string | null
  readonly type: string
  readonly application: string | null
  readonly workflowType: string | null
  readonly workflowId: string | null
  readonly runId: string | null
  readonly activityType: string | null
  readonly activityId: string | null
  readonly attempt: number | null
  /** `completed`, `failed`, or whatever else it tells of the end that it is about; null when it tells nothing. */
  readonly outcome: string | null
  readonly error: string | null
  /** Milliseconds, as the sender measured them. */
  readonly duration: number | null
}

/** Reads any item; what is missing or of another kind is null. */
export function runEventOf({ seq, recorded_at, raw }: LoggedItem): RunEvent {
  const metadata = member(raw, 'metadata')
  const data = member(raw, 'data')
  const said = (name: string) => text(member(metadata, name)) || null
  const attempt = member(metadata, 'attempt')
  const duration = member(data, 'duration_ms')
  const error = errorOf(data)
  return {
    seq,
    at: timeOf(raw, Date.parse(recorded_at)),
    name: text(member(raw, 'event_name')) || null,
    type: text(member(raw, 'event_type')) || '',
    application: said('application_name'),
    workflowType: said('workflow_type'),
    workflowId: said('workflow_id'),
    runId: said('workflow_run_id'),
    activityType: said('activity_type'),
    activityId: said('activity_id'),
    attempt: typeof attempt === 'number' && Number.isSafeInteger(attempt) ? attempt : null,
    outcome: telling(text(member(data, 'state'))) ?? telling(said('workflow_state')) ?? (error === null ? null : 'failed'),
    error,
    duration: typeof duration === 'number' && Number.isFinite(duration) && duration >= 0 ? duration : null,
  }
}

/** The states that an event has for want of a better one. */
function telling(state: string | null): string | null {
  return state === null || ['', 'running', 'unknown'].includes(state) ? null : state
}

function errorOf(data: unknown): string | null {
  const message = text(member(data, 'error_message')) || text(member(data, 'error'))
  const type = text(member(data, 'error_type'))
  return (message && type ? `${type}: ${message}` : message || type) || null
}

/**
 * Senders name the second in which they made an event. When it was recorded tells more, as far as that second goes: so
 * what was recorded one after the other does not change places.
 */
function timeOf(raw: unknown, recorded: number): number {
  const created = member(member(raw, 'metadata'), 'created_timestamp')
  if (typeof created === 'number' && created > 0) {
    const at = created * 1000
    if (!Number.isInteger(created) || Number.isNaN(recorded) || recorded - at > LATE_MS) return at
    return Math.min(Math.max(at, recorded), at + 999)
  }
  const own = Date.parse(text(member(raw, 'timestamp')) ?? '')
  return Number.isNaN(own) ? recorded : own
}

/** What is recorded so long after its second was not sent as it happened, and the time of recording tells nothing: milliseconds. */
const LATE_MS = 60_000
