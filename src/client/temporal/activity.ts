import { asyncLocalStorage, CompleteAsyncError, type Info } from '@temporalio/activity'
import type { ApplicationEvent } from '../../model/application-events.ts'
import { LIFECYCLE_EVENT_NAMES } from '../../model/event-types.ts'
import { emitLifecycle, PATIENCE_MS, waitAtMost } from '../publishing/emit-lifecycle.ts'
import type { EventPublisher } from '../publishing/event-publisher.ts'
import type { ContextProvider, ExecutionContext } from '../publishing/execution-context.ts'
import { PUBLISH_ACTIVITY, type PublishActivities } from './publish-activity.ts'

export type { PublishActivities } from './publish-activity.ts'

/** As Temporal's `ActivityInterceptors`, which is a type of its worker's package. */
export interface LifecycleActivityInterceptors {
  readonly inbound: {
    execute<Input>(input: Input, next: (input: Input) => Promise<unknown>): Promise<unknown>
  }
}

export interface LifecycleActivityOptions {
  /**
   * How long an activity's result waits for its `activity_end` to be stored, and a workflow for its `workflow_start` and
   * `workflow_end`, in milliseconds; the events are sent in any case. Default 1,000.
   */
  readonly patienceMs?: number | undefined
}

/** The context of the Temporal activity that the calling code belongs to. For `EventPublisher`. */
export function temporalActivityContext(): ContextProvider {
  return () => {
    const context = asyncLocalStorage.getStore()
    return context === undefined ? null : contextOf(context.info)
  }
}

/**
 * The activity that publishes what workflows publish; register it with the worker: `{ ...activities,
 * ...publishActivities(publisher) }`. The events keep the workflow's metadata; nothing of this activity is added. A
 * lifecycle event ends the activity after `patienceMs` in any case, since the workflow waits for it.
 */
export function publishActivities(
  publisher: EventPublisher,
  { patienceMs = PATIENCE_MS }: LifecycleActivityOptions = {},
): PublishActivities {
  const outside = publisher.withContext()
  return {
    publishEvent(event) {
      const published = outside.publishEvent(event)
      return isLifecycleEvent(event) ? waitAtMost(patienceMs, published) : published
    },
  }
}

function isLifecycleEvent({ event_name }: ApplicationEvent): boolean {
  return (LIFECYCLE_EVENT_NAMES as readonly unknown[]).includes(event_name)
}

/**
 * Publishes `activity_start` and `activity_end` (`data`: `state`, `duration_ms`, and `error_type` and `error_message` of a
 * failure) around every attempt of every activity but the publishing one. Failures pass through as they are. An
 * activity that completes elsewhere (`CompleteAsyncError`) has not ended, so that its end is the application's to publish.
 * For the worker: `interceptors: { activity: [lifecycleActivityInterceptors(publisher)] }`.
 */
export function lifecycleActivityInterceptors(
  publisher: EventPublisher,
  { patienceMs = PATIENCE_MS }: LifecycleActivityOptions = {},
): (context: { readonly info: Info }) => LifecycleActivityInterceptors {
  return ({ info }) => ({
    inbound: {
      execute(input, next) {
        if (info.activityType === PUBLISH_ACTIVITY) return next(input)
        const inside = publisher.withContext(() => contextOf(info))
        return emitLifecycle(
          'activity',
          (event) => inside.publishEvent(event),
          () => next(input),
          {
            goesOn: (thrown) => thrown instanceof CompleteAsyncError,
            waitFor: (published) => waitAtMost(patienceMs, published),
          },
        )
      },
    },
  })
}

function contextOf({ workflowType, workflowExecution, activityType, activityId, attempt }: Info): ExecutionContext {
  return {
    workflow: workflowExecution && {
      type: workflowType ?? '',
      id: workflowExecution.workflowId,
      runId: workflowExecution.runId,
    },
    activity: { type: activityType, id: activityId, attempt },
  }
}
