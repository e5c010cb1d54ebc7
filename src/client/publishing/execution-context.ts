/** The run of a workflow that code is part of. */
export interface WorkflowExecution {
  readonly type: string
  readonly id: string
  /** One run of the workflow: a new one after a restart. */
  readonly runId: string
}

/** The run of an activity, of a step or of a task that code is part of. */
export interface ActivityExecution {
  readonly type: string
  /** Names the activity within its workflow's run. */
  readonly id: string
  /** From 1. */
  readonly attempt: number
}

/** What an event is published from. An activity need not belong to a workflow. */
export interface ExecutionContext {
  readonly workflow?: WorkflowExecution | undefined
  readonly activity?: ActivityExecution | undefined
}

/** Says what the calling code is part of; null outside. Asked while `publishEvent` or `enrichEventMetadata` is being called. */
export type ContextProvider = () => ExecutionContext | null
