import { member } from './event-context.ts'
import type { EventHead } from './event-head.ts'
import { componentEventKind } from './event-types.ts'

/** Whether an event tells of a failure: of a component's run, or of a workflow's as an application publishes it. */
export function tellsOfFailure(head: EventHead, text: string): boolean {
  if (componentEventKind(head.event_type)?.phase === 'failed') return true
  // As in PostgreSQL, only events that hold the word are taken apart.
  if (head.assistant_request_id !== null || !text.includes('failed')) return false
  return member(member(JSON.parse(text), 'metadata'), 'workflow_state') === 'failed'
}
