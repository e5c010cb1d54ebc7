declare module 'vitest' {
  export interface ProvidedContext {
    /** How often the model-based test plays, and from which seed; see vitest.config.ts. */
    model: { readonly runs: number; readonly seed: number }
  }
}

export {}
