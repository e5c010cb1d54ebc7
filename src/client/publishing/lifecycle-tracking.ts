import type { AsyncContext } from './async-context.ts'
import { emitLifecycle, PATIENCE_MS, waitAtMost } from './emit-lifecycle.ts'
import type { EventPublisher } from './event-publisher.ts'
import type { ActivityExecution, WorkflowExecution } from './execution-context.ts'
import type { LifecycleKind } from './lifecycle-events.ts'

export interface LifecycleTracking {
  /** Runs the work as this workflow, between `workflow_start` and `workflow_end`. Gives back its result, or throws what it threw. */
  trackWorkflow<Result>(workflow: WorkflowExecution, work: () => Result | Promise<Result>): Promise<Result>
  /** Runs the work as an activity of the workflow around it, if there is one, between `activity_start` and `activity_end`. */
  trackActivity<Result>(activity: ActivityExecution, work: () => Result | Promise<Result>): Promise<Result>
}

export interface LifecycleTrackingOptions {
  /** How long a result waits for its end event to be stored, in milliseconds; the event is sent in any case. Default 1,000. */
  readonly patienceMs?: number | undefined
}

/** Lifecycle events of code that runs in no workflow engine. `context` is one of the publisher's own. */
export function lifecycleTracking(
  publisher: EventPublisher,
  context: AsyncContext,
  { patienceMs = PATIENCE_MS }: LifecycleTrackingOptions = {},
): LifecycleTracking {
  const emit = <Result>(kind: LifecycleKind, work: () => Result | Promise<Result>) =>
    emitLifecycle(kind, (event) => publisher.publishEvent(event), work, {
      waitFor: (published) => waitAtMost(patienceMs, published),
    })
  return {
    trackWorkflow: (workflow, work) => context.run({ workflow }, () => emit('workflow', work)),
    trackActivity: (activity, work) =>
      context.run({ workflow: context.provider()?.workflow, activity }, () => emit('activity', work)),
  }
}
