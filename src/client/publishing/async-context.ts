import type { ContextProvider, ExecutionContext } from './execution-context.ts'

/** As much of Node's and the Workers' `AsyncLocalStorage` as is needed. The application passes its own, since browsers have none. */
export interface ContextStorage {
  getStore(): ExecutionContext | undefined
  run<Result>(context: ExecutionContext, work: () => Result): Result
}

/** The context of code that runs in no workflow engine. */
export interface AsyncContext {
  /** For `EventPublisher`. */
  readonly provider: ContextProvider
  /** Runs the work, and everything it calls and awaits, in this context. */
  run<Result>(context: ExecutionContext, work: () => Result): Result
}

/** Context that follows the calls: `asyncContext(new AsyncLocalStorage())`. */
export function asyncContext(storage: ContextStorage): AsyncContext {
  return {
    provider: () => storage.getStore() ?? null,
    run: (context, work) => storage.run(context, work),
  }
}
