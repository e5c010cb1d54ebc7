import type { Timing } from '../../src/model/timers.ts'

/** One answer of a script: a response, a failure of the network, or silence until the request is given up. */
export type Step = (() => Response) | 'cut' | 'silence'

export interface SeenCall {
  readonly url: string
  readonly init: RequestInit
  readonly headers: Headers
}

/** A `fetch` that answers by a script, the last step again and again. */
export class ScriptedFetch {
  readonly calls: SeenCall[] = []
  readonly #steps: readonly Step[]

  constructor(...steps: readonly Step[]) {
    this.#steps = steps
  }

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    this.calls.push({ url: String(input), init, headers: new Headers(init.headers) })
    const step = this.#steps[Math.min(this.calls.length, this.#steps.length) - 1]
    if (step === 'silence') return new Promise(() => {})
    if (step === 'cut' || step === undefined) throw new TypeError('fetch failed')
    return step()
  }
}

export const status =
  (code: number, headers: Record<string, string> = {}) =>
  () =>
    new Response(code === 304 ? null : '{}', { status: code, headers })

export const problem =
  (code: number, kind: string, members: Record<string, unknown> = {}) =>
  () =>
    Response.json(
      { type: `urn:edge-event-store:problem:${kind}`, title: 'A title', status: code, detail: 'A detail.', ...members },
      { status: code },
    )

/** A clock that jumps over every wait, and notes it. Chance is always at its highest. */
export class FakeTiming implements Timing {
  readonly waits: number[] = []
  #now = 0

  readonly now = () => this.#now
  readonly random = () => 1
  readonly wait = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted()
    this.waits.push(ms)
    this.#now += ms
  }
}
