import type { EventHead } from '../../src/model/event-head.ts'
import type { AppendOutcome, PendingEvents } from '../../src/model/history.ts'
import type { Log, LogFields, LogLevel } from '../../src/model/log.ts'
import type { LifecycleEvent } from '../../src/segment/choose-lifecycle-events.ts'

export interface SampleApplicationEvent {
  readonly event_id: string
  readonly event_name?: string | null
  readonly metadata?: unknown
  readonly data?: unknown
  /** Set for agent events only. */
  readonly assistant_request_id?: string
  /** Instead of the text made of the other members. */
  readonly text?: string
}

const TIMESTAMP = '2026-01-31T12:00:00.5Z'

export function headOf({ event_id, event_name = 'workflow_start', assistant_request_id }: SampleApplicationEvent): EventHead {
  return {
    event_id,
    assistant_request_id: assistant_request_id ?? null,
    event_type: 'application_events',
    event_name,
    event_version: null,
    user_id: null,
    topic_name: 'application_events',
    topic_offset: null,
    timestamp: TIMESTAMP,
  }
}

export function textOf({ event_id, event_name = 'workflow_start', metadata, data, text }: SampleApplicationEvent): string {
  return text ?? JSON.stringify({ event_id, event_type: 'application_events', event_name, metadata, data })
}

/** Events of one conversation on their way, the first with seq 1, recorded at 1, 2, 3, ... */
export function pendingOf(conversation_id: string, events: readonly SampleApplicationEvent[], tenant = 't'): PendingEvents {
  return {
    tenant,
    conversation_id,
    segments: events.map((_, i) => ({ first_seq: i + 1, count: 1, recorded_at: i + 1 })),
    heads: events.map((event) => JSON.stringify(headOf(event))).join(','),
    events: events.map(textOf).join(','),
  }
}

export function lifecycleEvent(event: SampleApplicationEvent, name: LifecycleEvent['name'] = 'workflow_start'): LifecycleEvent {
  const named = { ...event, event_name: name }
  return { tenant: 'the-tenant', name, head: headOf(named), text: textOf(named) }
}

export const TAKEN: AppendOutcome = { cleared: new Map(), cleared_conversations: [], set_aside: [] }

export interface Line {
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields | undefined
}

export function logTo(lines: Line[]): Log {
  return (level, message, fields) => void lines.push({ level, message, fields })
}
