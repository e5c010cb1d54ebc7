import type { EventHead } from '../../../src/model/event-head.ts'
import { toUtcTimestamp } from '../../../src/model/timestamp.ts'
import type { TestEvent } from '../postgres/support.ts'

export interface Sample {
  readonly id: string
  readonly type: string
  readonly at: string
  /** Null for an application event. */
  readonly request?: string | null
  readonly context?: Readonly<Record<string, unknown>>
  readonly invoke?: unknown
  readonly input?: unknown
  /** Of an application event. */
  readonly state?: string
}

/** An event as a batch takes it: its text, and the columns that are read from it. */
export function sample({
  id,
  type,
  at,
  request = 'r',
  context = { id: 'k', name: 'A', type: 'T' },
  invoke = 'i',
  input,
  state,
}: Sample): TestEvent {
  const head: Partial<EventHead> & { event_id: string } = {
    event_id: id,
    event_type: type,
    timestamp: toUtcTimestamp(at) ?? '',
    assistant_request_id: request,
  }
  const event =
    request === null
      ? { event_id: id, event_type: type, metadata: { workflow_state: state } }
      : {
          event_id: id,
          event_type: type,
          timestamp: at,
          assistant_request_id: request,
          event_context: { ...context, invoke_context: { invoke_id: invoke } },
          data: { input_data: input },
        }
  return { ...head, text: JSON.stringify(event) }
}

export const RANGE = { since: '2026-01-15T10:00:00Z', until: '2026-01-15T11:00:00Z' }

/** A time of 15 January 2026 after ten o'clock. */
export const at = (minutes: string) => `2026-01-15T10:${minutes}Z`
