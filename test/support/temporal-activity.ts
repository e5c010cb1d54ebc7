import { asyncLocalStorage, Context, type Info } from '@temporalio/activity'
import { noopMetricMeter } from '@temporalio/common'

const IN_WORKFLOW: Pick<Info, 'workflowType' | 'workflowExecution' | 'inWorkflow'> = {
  workflowType: 'ImportWorkflow',
  workflowExecution: { workflowId: 'import-1', runId: 'run-1' },
  inWorkflow: true,
}

/** The context that Temporal's worker gives to an activity; of a workflow unless said otherwise. */
export function activityContext(info: Partial<Info> = {}, workflow: Partial<Info> = IN_WORKFLOW): Context {
  const base64TaskToken = 'dG9rZW4='
  const full: Info = {
    taskToken: new Uint8Array(Buffer.from(base64TaskToken, 'base64')),
    base64TaskToken,
    activityId: '7',
    activityType: 'extract',
    activityNamespace: 'default',
    namespace: 'default',
    attempt: 2,
    isLocal: false,
    inWorkflow: false,
    scheduledTimestampMs: 0,
    scheduleToCloseTimeoutMs: 60_000,
    startToCloseTimeoutMs: 60_000,
    currentAttemptScheduledTimestampMs: 0,
    heartbeatDetails: undefined,
    taskQueue: 'imports',
    ...workflow,
    ...info,
  }
  const log = Object.fromEntries(['log', 'trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, () => {}]))
  const cancelled = new Promise<never>(() => {})
  const signal = new AbortController().signal
  return new Context(full, cancelled, signal, () => {}, undefined, log as never, noopMetricMeter, {})
}

/** Runs the work as Temporal's worker runs an activity. */
export function inActivity<Result>(context: Context, work: () => Promise<Result>): Promise<Result> {
  return asyncLocalStorage.run(context, work)
}
