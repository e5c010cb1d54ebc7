import type { EngineStep, TrackedStepConfig } from '../../../src/client/publishing/cloudflare-workflow.ts'

type Callback = (context?: object) => Promise<unknown>

/** Steps as Cloudflare Workflows run them: a result is kept by the step's name and count, a failed callback is tried again. */
export class FakeEngine {
  readonly #kept = new Map<string, unknown>()
  readonly #refused: string | undefined
  readonly #passesContext: boolean

  constructor({ refused, passesContext = true }: { refused?: string; passesContext?: boolean } = {}) {
    this.#refused = refused
    this.#passesContext = passesContext
  }

  /** Runs the body from its beginning, as the engine does after every interruption. */
  run<Result>(body: (step: EngineStep) => Promise<Result>): Promise<Result> {
    const counts = new Map<string, number>()
    const step = {
      do: async (name: string, config: TrackedStepConfig, callback: Callback) => {
        if (name === this.#refused) throw new Error('the engine is in trouble')
        const count = (counts.get(name) ?? 0) + 1
        counts.set(name, count)
        const key = `${name}-${count}`
        if (!this.#kept.has(key)) this.#kept.set(key, await this.#try(name, count, config.retries?.limit ?? 5, callback))
        return this.#kept.get(key)
      },
      sleep: async () => {},
      sleepUntil: async () => {},
      waitForEvent: async (_name: string, { type }: { type: string }) => ({ payload: 'yes', timestamp: new Date(0), type }),
    }
    return body(step as unknown as EngineStep)
  }

  async #try(name: string, count: number, limit: number, callback: Callback): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await callback(this.#passesContext ? { step: { name, count }, attempt, config: {} } : undefined)
      } catch (error) {
        if (attempt > limit) throw error
      }
    }
  }
}
