import type { ApplicationEvent } from '../../model/application-events.ts'
import { emitLifecycle, PATIENCE_MS, waitAtMost } from './emit-lifecycle.ts'
import type { EventPublisher } from './event-publisher.ts'
import type { WorkflowExecution } from './execution-context.ts'
import { type Ending, endEvent, startEvent } from './lifecycle-events.ts'

/** What is read of the event that Cloudflare Workflows hand to `run`. */
export interface WorkflowTrigger {
  readonly instanceId: string
  readonly workflowName: string
}

/** What Cloudflare Workflows hand to the callback of a step, and a publisher for events from this attempt of it. */
export interface TrackedStepContext {
  readonly step: { readonly name: string; readonly count: number }
  readonly attempt: number
  readonly publisher: EventPublisher
}

/** A step's options, as Cloudflare's `WorkflowStepConfig`. */
export interface TrackedStepConfig {
  retries?: { limit: number; delay: string | number; backoff?: 'constant' | 'linear' | 'exponential' }
  timeout?: string | number
  sensitive?: 'output'
}

/** As much of Cloudflare's `WorkflowStep` as every step of the tracked run can use. */
export interface TrackedStep {
  do<Result>(name: string, callback: (context: TrackedStepContext) => Promise<Result>): Promise<Result>
  do<Result>(name: string, config: TrackedStepConfig, callback: (context: TrackedStepContext) => Promise<Result>): Promise<Result>
  sleep(name: string, duration: string | number): Promise<void>
  sleepUntil(name: string, timestamp: Date | number): Promise<void>
  waitForEvent<Payload>(
    name: string,
    options: { type: string; timeout?: string | number },
  ): Promise<{ readonly payload: Payload; readonly timestamp: Date; readonly type: string }>
}

/** Cloudflare's `WorkflowStep`; its generics over what RPC can carry match no type that is written without theirs. */
export interface EngineStep {
  do(...step: never[]): Promise<unknown>
  sleep(...step: never[]): Promise<void>
  sleepUntil(...step: never[]): Promise<void>
  waitForEvent(...step: never[]): Promise<unknown>
}

/** Older engines pass less. */
type EngineStepContext = Partial<Pick<TrackedStepContext, 'step' | 'attempt'>> | undefined

type EngineCallback<Result> = (context: EngineStepContext) => Promise<Result>

/** `EngineStep` as this module calls it. */
interface Engine extends Omit<TrackedStep, 'do'> {
  do<Result>(name: string, config: TrackedStepConfig, callback: EngineCallback<Result>): Promise<Result>
}

/** It waits for a second at most and never throws, so that a repeat is for an engine that was interrupted. */
const PUBLISH_STEP: TrackedStepConfig = { retries: { limit: 2, delay: '1 second' }, timeout: '1 minute' }

/** Names are at most 256 characters long in the store, the count included. */
const MAX_NAME_LENGTH = 240

/**
 * Runs the body of a Cloudflare Workflow between `workflow_start` and `workflow_end`, and each of its steps between
 * `activity_start` and `activity_end`. Call it in `run(event, step)`, and use the step that the body gets instead of the
 * engine's. Gives back the body's result, or throws what it threw.
 *
 * The engine replays `run`, so an event belongs into a step; its callback gets a publisher that knows the step and the
 * attempt, and no `AsyncLocalStorage` is needed. In the events the workflow's type is its name and its id the instance's;
 * the run's id is new for every run of an instance; the activity's type is the step's name and its id that name with
 * the step's count. `workflow_start` and `workflow_end` are two steps more of the instance.
 *
 * A store that does not answer costs the run a second for each of these two, and one for each other step. A step waits
 * after its result is kept, so that the store can neither run it into its timeout nor have it done again. What is not
 * stored by then is still sent while the run goes on; the engine may drop it when the run sleeps or ends.
 */
export async function trackWorkflowRun<Result>(
  publisher: EventPublisher,
  trigger: WorkflowTrigger,
  engineStep: EngineStep,
  body: (step: TrackedStep) => Promise<Result>,
): Promise<Result> {
  const engine = engineStep as unknown as Engine
  const { workflow, began } = await begin(publisher, trigger, engine)
  const end = (ending: Ending) =>
    engine.do('publish workflow_end', PUBLISH_STEP, () =>
      publishFrom(publisher, workflow, endEvent('workflow', ending, began, Date.now())),
    )
  let result: Result
  try {
    result = await body(trackedStep(publisher, workflow, engine))
  } catch (error) {
    await end({ state: 'failed', error }).catch(() => {})
    throw error
  }
  await end({ state: 'completed' }).catch(() => {})
  return result
}

/** The step's result is kept, so that every replay of the run has the same id and the same beginning. */
async function begin(publisher: EventPublisher, { instanceId, workflowName }: WorkflowTrigger, engine: Engine) {
  const workflow = { type: workflowName, id: instanceId }
  const publishStart = async () => {
    const run = { runId: crypto.randomUUID() as string, began: Date.now() }
    await publishFrom(publisher, { ...workflow, runId: run.runId }, startEvent('workflow', run.began))
    return run
  }
  // What fails here is the engine's, and no reason not to run: the instance's id stands for the run's.
  const run = await engine
    .do('publish workflow_start', PUBLISH_STEP, publishStart)
    .catch(() => ({ runId: instanceId, began: Date.now() }))
  return { workflow: { ...workflow, runId: run.runId }, began: run.began }
}

function publishFrom(publisher: EventPublisher, workflow: WorkflowExecution, event: ApplicationEvent): Promise<void> {
  return waitAtMost(PATIENCE_MS, publisher.withContext(() => ({ workflow })).publishEvent(event))
}

function trackedStep(publisher: EventPublisher, workflow: WorkflowExecution, engine: Engine): TrackedStep {
  const counts = new Map<string, number>()
  return {
    async do<Result>(
      name: string,
      ...rest:
        | [(context: TrackedStepContext) => Promise<Result>]
        | [TrackedStepConfig, (context: TrackedStepContext) => Promise<Result>]
    ): Promise<Result> {
      const [config, callback] = rest.length === 1 ? [{}, rest[0]] : rest
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      let published = Promise.resolve()
      const attemptStep: EngineCallback<Result> = (given) => {
        const step = given?.step ?? { name, count }
        const attempt = given?.attempt ?? 1
        const activity = { type: name, id: `${name.slice(0, MAX_NAME_LENGTH)}-${step.count}`, attempt }
        const inside = publisher.withContext(() => ({ workflow, activity }))
        const publish = (event: ApplicationEvent) => inside.publishEvent(event)
        return emitLifecycle('activity', publish, () => callback({ ...given, step, attempt, publisher: inside }), {
          waitFor: (ending) => {
            published = ending
          },
        })
      }
      try {
        return await engine.do(name, config, attemptStep)
      } finally {
        await waitAtMost(PATIENCE_MS, published)
      }
    },
    sleep: (name, duration) => engine.sleep(name, duration),
    sleepUntil: (name, timestamp) => engine.sleepUntil(name, timestamp),
    waitForEvent: (name, options) => engine.waitForEvent(name, options),
  }
}
