import {
  CancellationScope,
  ContinueAsNew,
  inWorkflowContext,
  isCancellation,
  log,
  patched,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
  uuid4,
  type WorkflowInterceptors,
  workflowInfo,
} from '@temporalio/workflow'
import type { ApplicationEvent } from '../../model/application-events.ts'
import { LIFECYCLE_EVENT_NAMES } from '../../model/event-types.ts'
import { enrichMetadata } from '../publishing/enrich-metadata.ts'
import type { ContextProvider } from '../publishing/execution-context.ts'
import { type Ending, endEvent, startEvent } from '../publishing/lifecycle-events.ts'
import { reasonOf } from '../publishing/reason-of.ts'
import type { PublishActivities } from './publish-activity.ts'

/*
 * Bundled into Temporal's workflow sandbox: nothing here may reach the network, a real clock or real randomness. Events
 * leave through the activity of `publishActivities`; time and ids come from Temporal, the same in every replay.
 */

export interface LifecycleWorkflowOptions {
  /**
   * Whether an error that is no `TemporalFailure` fails the workflow, as the worker's `workflowFailureErrorTypes` or the
   * workflow's `failureExceptionTypes` say. Default: it does not, Temporal tries the workflow task again.
   */
  readonly failsWorkflow?: ((error: unknown) => boolean) | undefined
}

/** Workflows that began without the interceptor replay as they ran, without its activities. */
const PATCH = 'edge-event-store-lifecycle-events'

const ONCE_OR_TWICE_MORE = { scheduleToCloseTimeout: '30 seconds', retry: { maximumAttempts: 3 } } as const

const { publishEvent } = proxyActivities<PublishActivities>(ONCE_OR_TWICE_MORE)

/**
 * Local activities, because these finish within the workflow task that begins or ends the workflow: a signal that comes
 * between the end of the workflow's code and the end of its run makes Temporal run that task again, and is not lost.
 */
const lifecycle = proxyLocalActivities<PublishActivities>(ONCE_OR_TWICE_MORE)

/** The context of the Temporal workflow that the calling code belongs to. */
export function temporalWorkflowContext(): ContextProvider {
  return () => {
    if (!inWorkflowContext()) return null
    const { workflowType, workflowId, runId } = workflowInfo()
    return { workflow: { type: workflowType, id: workflowId, runId } }
  }
}

/**
 * Publishes an event from workflow code, through an activity of at most 3 attempts and 30 seconds. Resolves once that is
 * done; awaiting is not needed. Never fails the workflow, and is not cancelled with it. Outside of a workflow it only
 * warns on the console: there, use an `EventPublisher`.
 */
export function publishFromWorkflow(event: ApplicationEvent): Promise<void> {
  return publishThrough(publishEvent, event)
}

/**
 * Publishes `workflow_start` and `workflow_end` around every workflow (`data`: `state`, `duration_ms`; of a failure
 * `error_type` and `error_message`; `cancelled` or `continued_as_new` where it ended so). This module can be named to the
 * worker as it is, by its path: `interceptors: { workflowModules: [path] }`, where the path is
 * `fileURLToPath(import.meta.resolve('edge-event-store/temporal/workflow'))`. With options, name a module that exports
 * `interceptors = () => lifecycleWorkflowInterceptors(options)`.
 */
export function lifecycleWorkflowInterceptors({ failsWorkflow }: LifecycleWorkflowOptions = {}): WorkflowInterceptors {
  return {
    inbound: [
      {
        async execute(input, next) {
          if (!patched(PATCH)) return next(input)
          const began = Date.now()
          await publishThrough(lifecycle.publishEvent, startEvent('workflow', began))
          const end = (ending: Ending) => publishThrough(lifecycle.publishEvent, endEvent('workflow', ending, began, Date.now()))
          try {
            const result = await next(input)
            await end({ state: 'completed' })
            return result
          } catch (error) {
            const ending = endingOf(error, failsWorkflow)
            if (ending) await end(ending)
            throw error
          }
        },
      },
    ],
  }
}

/** Found by Temporal's worker under this name. */
export function interceptors(): WorkflowInterceptors {
  return lifecycleWorkflowInterceptors()
}

/** Null: the workflow has not ended. Temporal tries the task again, and an activity in the history would not fit what is then run. */
function endingOf(error: unknown, failsWorkflow: LifecycleWorkflowOptions['failsWorkflow']): Ending | null {
  if (error instanceof ContinueAsNew) return { state: 'completed', more: { continued_as_new: true } }
  if (isCancellation(error)) return { state: 'failed', error, more: { cancelled: true } }
  return error instanceof TemporalFailure || failsWorkflow?.(error) ? { state: 'failed', error } : null
}

async function publishThrough(publish: PublishActivities['publishEvent'], event: ApplicationEvent): Promise<void> {
  try {
    const metadata = enrichMetadata(event, { applicationName: undefined, now: Date.now(), context: temporalWorkflowContext()() })
    await CancellationScope.nonCancellable(() => publish({ ...event, ...identity(event), metadata }))
  } catch (error) {
    if (inWorkflowContext()) log.warn('an event could not be published', { reason: reasonOf(error) })
    else
      console.warn('an event is not published: publishFromWorkflow was called outside of a workflow, where EventPublisher does')
  }
}

/** An activity that is tried again publishes the same event. The lifecycle events' ids are made by the service, of what they tell. */
function identity(event: ApplicationEvent): { event_id?: string } {
  if (typeof event.event_id === 'string' && event.event_id !== '') return {}
  return (LIFECYCLE_EVENT_NAMES as readonly unknown[]).includes(event.event_name) ? {} : { event_id: uuid4() }
}
