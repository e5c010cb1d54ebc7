declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the bundled Worker; see build-worker.ts. */
    builtWorker: string
    /** What vitest.config.ts says to the tests with faults. */
    model: { readonly runs: number; readonly seed: number }
    kill: { readonly rounds: number; readonly seed: number }
  }
}

export {}
