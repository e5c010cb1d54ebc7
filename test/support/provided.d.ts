declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the bundled Worker; see build-worker.ts. */
    builtWorker: string
    /** The data of servers that do not run; see prepare-clusters.ts. */
    clusters: { readonly empty: string; readonly migrated: string }
    /** What vitest.config.ts says to the tests with faults. */
    model: { readonly runs: number; readonly seed: number }
    kill: { readonly rounds: number; readonly seed: number }
  }
}

export {}
