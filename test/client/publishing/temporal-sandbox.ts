import assert from 'node:assert'
import { AsyncLocalStorage } from 'node:async_hooks'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { build, type Plugin } from 'esbuild'

/** A job of Temporal's core, as its protobuf classes have it. */
type Job = Readonly<Record<string, unknown>> & { readonly variant: string }

/** A command that the workflow gives to Temporal's core. */
export interface Command {
  readonly scheduleLocalActivity?: ActivityCommand
  readonly scheduleActivity?: ActivityCommand
  readonly completeWorkflowExecution?: object
  readonly failWorkflowExecution?: { readonly failure: { readonly message: string } }
  readonly cancelWorkflowExecution?: object
  readonly continueAsNewWorkflowExecution?: object
  readonly requestCancelActivity?: object
  readonly startTimer?: { readonly seq: number }
  readonly setPatchMarker?: object
}

interface ActivityCommand {
  readonly seq: number
  readonly activityType: string
  readonly arguments: readonly Payload[]
  readonly retryPolicy: { readonly maximumAttempts: number }
}

interface Payload {
  readonly metadata: Readonly<Record<string, Uint8Array>>
  readonly data: Uint8Array
}

const ROOT = join(import.meta.dirname, '../../..')

/** As the worker's bundler: its entry point, nothing where no converter is set, and no built-in module of Node. */
const asTheWorker: Plugin = {
  name: 'temporal-worker',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^__temporal_custom_/ }, ({ path }) => ({ path, namespace: 'empty' }))
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }))
    onResolve({ filter: /^[a-z:_/]+$/ }, ({ path }) =>
      builtinModules.includes(path.replace(/^node:/, '')) ? { errors: [{ text: `${path} is not allowed in a workflow` }] } : null,
    )
  },
}

/** The code that Temporal's worker would run for workflows of this module, with the interceptors of that one. */
export async function bundleWorkflows(workflows: string, interceptors: string): Promise<string> {
  const contents = `
    const api = require('@temporalio/workflow/lib/worker-interface.js')
    require('@temporalio/workflow/lib/global-overrides.js').overrideGlobals()
    exports.api = api
    exports.importWorkflows = () => require(${JSON.stringify(workflows)})
    exports.importInterceptors = () => [require(${JSON.stringify(interceptors)})]
  `
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT, sourcefile: 'entry.cjs' },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: '__TEMPORAL__',
    mainFields: ['module', 'main'],
    plugins: [asTheWorker],
  })
  return outputFiles[0]?.text ?? ''
}

interface Api {
  initRuntime(options: object): void
  initialize(job: object): void
  activate(activation: object, batch: number): void
  tryUnblockConditions(): number
  concludeActivation(): { readonly successful: { readonly commands: Command[] } }
}

/**
 * One run of a workflow in Temporal's own workflow runtime, inside the kind of context that its worker makes: real
 * interceptors, scopes, clock and randomness; only the server and its core are played by the test.
 */
export class SandboxRun {
  readonly #context: object
  readonly #api: Api
  #now: number

  constructor(code: string, workflowType: string, { replaying = false, now = 1_700_000_000_500 } = {}) {
    this.#now = now
    this.#context = createContext({ AsyncLocalStorage, assert, TextEncoder, TextDecoder }, { microtaskMode: 'afterEvaluate' })
    runInContext(code, this.#context)
    this.#api = new Proxy({} as Api, {
      get:
        (_, name) =>
        (...args: unknown[]) =>
          this.#call(String(name), args),
    })
    const info = {
      workflowId: 'order-1',
      runId: 'run-1',
      workflowType,
      searchAttributes: {},
      namespace: 'default',
      taskQueue: 'orders',
      attempt: 1,
      unsafe: { isReplaying: replaying, isReplayingHistoryEvents: replaying },
    }
    const options = {
      info,
      now,
      randomnessSeed: [1, 2, 3],
      registeredActivityNames: new Set(['publishEvent']),
      getTimeOfDay: () => 0n,
    }
    this.#api.initRuntime(options)
  }

  /** The first task of the workflow. */
  start(patches: readonly string[] = []): Command[] {
    const initializeWorkflow = { workflowType: '', workflowId: 'order-1', arguments: [] }
    this.#api.initialize(initializeWorkflow)
    const noted = patches.map((patchId) => ({ variant: 'notifyHasPatch', notifyHasPatch: { patchId } }))
    return this.#activate(noted, [{ variant: 'initializeWorkflow', initializeWorkflow }])
  }

  /** An activity has ended; well unless a failure is given. The workflow's clock has moved on since. */
  resolve(
    seq: number,
    { failure, passed = 0, result: value }: { failure?: string; passed?: number; result?: unknown } = {},
  ): Command[] {
    this.#now += passed
    const result =
      failure === undefined
        ? { completed: value === undefined ? {} : { result: payloadOf(value) } }
        : { failed: { failure: { message: failure, applicationFailureInfo: {} } } }
    return this.#activate([{ variant: 'resolveActivity', resolveActivity: { seq, result } }])
  }

  cancel(): Command[] {
    return this.#activate([{ variant: 'cancelWorkflow', cancelWorkflow: {} }])
  }

  fireTimer(seq: number): Command[] {
    return this.#activate([{ variant: 'fireTimer', fireTimer: { seq } }])
  }

  #activate(...batches: readonly Job[][]): Command[] {
    runInContext('(now) => { __TEMPORAL_ACTIVATOR__.now = now }', this.#context)(this.#now)
    for (const [index, jobs] of batches.entries()) {
      if (jobs.length > 0) this.#api.activate({ jobs }, index)
      while (this.#api.tryUnblockConditions() > 0);
    }
    return this.#api.concludeActivation().successful.commands
  }

  #call(name: string, args: unknown[]): unknown {
    Object.assign(this.#context, { args })
    return runInContext(`__TEMPORAL__.api.${name}(...globalThis.args)`, this.#context)
  }
}

function payloadOf(value: unknown): Payload {
  const bytes = (text: string) => new TextEncoder().encode(text)
  return { metadata: { encoding: bytes('json/plain') }, data: bytes(JSON.stringify(value)) }
}

/** The event that a command gives to the publishing activity. */
export function publishedBy(command: Command | undefined): {
  readonly seq: number
  readonly local: boolean
  readonly event: PublishedEvent
} {
  const activity = command?.scheduleLocalActivity ?? command?.scheduleActivity
  if (activity?.activityType !== 'publishEvent') throw new Error(`This publishes nothing: ${Object.keys(command ?? {})}`)
  const [payload] = activity.arguments
  const event = JSON.parse(new TextDecoder().decode(payload?.data)) as PublishedEvent
  return { seq: activity.seq, local: command?.scheduleLocalActivity !== undefined, event }
}

export interface PublishedEvent {
  readonly event_type: string
  readonly event_name?: string
  readonly event_id?: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
}
