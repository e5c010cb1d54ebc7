import type { EngineStep, TrackedStepConfig } from '../../../src/client/publishing/cloudflare-workflow.ts'

type Callback = (context?: object) => Promise<unknown>

/**
 * Steps as Cloudflare Workflows run them: a result is kept by the step's name and count, a callback that fails or takes
 * longer than the step's timeout is tried again.
 */
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
        if (!this.#kept.has(key)) this.#kept.set(key, await this.#try(name, count, config, callback))
        return this.#kept.get(key)
      },
      sleep: async () => {},
      sleepUntil: async () => {},
      waitForEvent: async (_name: string, { type }: { type: string }) => ({ payload: 'yes', timestamp: new Date(0), type }),
    }
    return body(step as unknown as EngineStep)
  }

  /** Whether the result of this step, named with its count, is kept: a replay does not run it again. */
  hasKept(step: string): boolean {
    return this.#kept.has(step)
  }

  async #try(name: string, count: number, { retries, timeout }: TrackedStepConfig, callback: Callback): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        const context = this.#passesContext ? { step: { name, count }, attempt, config: {} } : undefined
        return await Promise.race([callback(context), timeOut(timeout)])
      } catch (error) {
        if (attempt > (retries?.limit ?? 5)) throw error
        await new Promise((resolve) => setTimeout(resolve, Number(retries?.delay ?? 1)))
      }
    }
  }
}

/** Timeouts in words are longer than any test. */
function timeOut(timeout: string | number | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (typeof timeout === 'number') setTimeout(() => reject(new Error('the step timed out')), timeout)
  })
}
