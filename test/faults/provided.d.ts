declare module 'vitest' {
  /** What vitest.config.ts says to the tests with faults. */
  export interface ProvidedContext {
    model: { readonly runs: number; readonly seed: number }
    kill: { readonly rounds: number; readonly seed: number }
  }
}

export {}
