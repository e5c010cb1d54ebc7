import type { ApplicationEventName, WorkflowState } from '../../model/event-types.ts'

/** Names of events as Atlan's application SDK has them (`ApplicationEventNames`). */
export const ApplicationEventNames = {
  WORKFLOW_START: 'workflow_start',
  WORKFLOW_END: 'workflow_end',
  ACTIVITY_START: 'activity_start',
  ACTIVITY_END: 'activity_end',
  WORKER_START: 'worker_start',
  WORKER_END: 'worker_end',
  APPLICATION_START: 'application_start',
  APPLICATION_END: 'application_end',
  TOKEN_REFRESH: 'token_refresh',
} as const satisfies Record<Uppercase<ApplicationEventName>, ApplicationEventName>

/** States of a workflow as Atlan's application SDK has them (`WorkflowStates`). */
export const WorkflowStates = {
  UNKNOWN: 'unknown',
  RUNNING: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
} as const satisfies Record<Uppercase<WorkflowState>, WorkflowState>

/** Event types as Atlan's application SDK has them (`EventTypes`): what its own lifecycle events carry. */
export const EventTypes = { APPLICATION_EVENT: 'application_events' } as const
