import type { ApplicationEvent } from '../../model/application-events.ts'
import type { WorkflowState } from '../../model/event-types.ts'
import { EventTypes } from './event-names.ts'

// Runs in Temporal's workflow sandbox too: no clock, no randomness, and of the model types alone.

export type LifecycleKind = 'workflow' | 'activity'

/** How a workflow or an activity ended. */
export interface Ending {
  readonly state: Extract<WorkflowState, 'completed' | 'failed'>
  /** What was thrown, when it failed. */
  readonly error?: unknown
  /** Further members of `data`. */
  readonly more?: Readonly<Record<string, string | number | boolean>>
}

/** Enough to tell failures apart; the event is no place for a whole dump. */
const MAX_MESSAGE_LENGTH = 1_000

/** The event that a workflow or an activity has begun. `now`: Unix milliseconds. */
export function startEvent(kind: LifecycleKind, now: number): ApplicationEvent {
  return lifecycleEvent(kind, 'start', now, 'running', { state: 'running' })
}

/**
 * The event that a workflow or an activity has ended, with `state`, `duration_ms` and, for a failure, `error_type` and
 * `error_message` as scalar members of `data`, which the service forwards as such. Times: Unix milliseconds.
 */
export function endEvent(kind: LifecycleKind, { state, error, more }: Ending, began: number, now: number): ApplicationEvent {
  // Clocks are set back.
  const duration_ms = Math.max(0, now - began)
  return lifecycleEvent(kind, 'end', now, state, {
    state,
    duration_ms,
    ...(state === 'failed' ? describeError(error) : {}),
    ...more,
  })
}

function lifecycleEvent(
  kind: LifecycleKind,
  phase: 'start' | 'end',
  now: number,
  state: WorkflowState,
  data: Record<string, unknown>,
): ApplicationEvent {
  return {
    event_type: EventTypes.APPLICATION_EVENT,
    event_name: `${kind}_${phase}`,
    data,
    metadata: { created_timestamp: Math.floor(now / 1000), ...(kind === 'workflow' ? { workflow_state: state } : {}) },
  }
}

/** Name and message of what was thrown; of an error with causes also the message of the first one. */
function describeError(error: unknown): { error_type: string; error_message: string; error_cause?: string } {
  try {
    if (!(error instanceof Error)) return { error_type: typeof error, error_message: cut(String(error)) }
    const cause = firstCause(error)
    return {
      error_type: String(error.name),
      error_message: cut(error.message),
      ...(cause === error ? {} : { error_cause: cut(cause.message) }),
    }
  } catch {
    // Anything can be thrown, a value that throws on every touch included.
    return { error_type: 'unknown', error_message: '' }
  }
}

function firstCause(error: Error): Error {
  let first = error
  for (let depth = 0; depth < 10 && first.cause instanceof Error; depth++) first = first.cause
  return first
}

function cut(message: string): string {
  return String(message).slice(0, MAX_MESSAGE_LENGTH)
}
