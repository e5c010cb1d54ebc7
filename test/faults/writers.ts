import { eventText } from '../support/events.ts'

export interface Acknowledged {
  /** Event ids by conversation, in the order in which their requests were answered. */
  readonly byConversation: ReadonlyMap<string, readonly string[]>
  readonly requests: number
  /** Requests that were repeated, because no answer came or one that said to. */
  readonly repeats: number
}

export interface WritersOptions {
  readonly writers: number
  readonly conversations: readonly string[]
  readonly random: () => number
  /** Between two requests of a writer, in ms. Default none. */
  readonly pauseMs?: number
  /** Null while nothing answers. */
  readonly url: () => string | null
}

/** Before a request is repeated. */
const REPEAT_MS = 25
const TIMEOUT_MS = 5_000

/** Writers that repeat each request as it is until it is acknowledged, as a client does that must not lose an event. */
export class Writers {
  readonly #options: WritersOptions
  readonly #acknowledged = new Map<string, string[]>()
  readonly #running: Promise<void>[] = []
  #ended = false
  #number = 0
  #requests = 0
  #repeats = 0

  constructor(options: WritersOptions) {
    this.#options = options
    for (let i = 0; i < options.writers; i++) this.#running.push(this.#write())
  }

  /** Lets each finish what it has begun. */
  async end(): Promise<Acknowledged> {
    this.#ended = true
    await Promise.all(this.#running)
    return { byConversation: this.#acknowledged, requests: this.#requests, repeats: this.#repeats }
  }

  async #write(): Promise<void> {
    const { conversations, random } = this.#options
    while (!this.#ended) {
      const conversation = conversations[Math.floor(random() * conversations.length)] as string
      const count = random() < 0.5 ? 1 : 1 + Math.floor(random() * 30)
      const ids = Array.from({ length: count }, (_, i) => `event-${this.#number + i}`)
      this.#number += count
      const body = `[${ids.map((id) => eventText({ conversation, id })).join(',')}]`
      await this.#post(body)
      const known = this.#acknowledged.get(conversation) ?? []
      this.#acknowledged.set(conversation, known)
      known.push(...ids)
      if (this.#options.pauseMs) await pause(this.#options.pauseMs)
    }
  }

  async #post(body: string): Promise<void> {
    this.#requests += 1
    for (;;) {
      const status = await this.#try(body)
      if (status === 200 || status === 201) return
      if (status !== null && status < 500) throw new Error(`the service refused a valid request with ${status}`)
      this.#repeats += 1
      await pause(REPEAT_MS)
    }
  }

  async #try(body: string): Promise<number | null> {
    const url = this.#options.url()
    if (url === null) return null
    try {
      const answer = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      await answer.arrayBuffer()
      return answer.status
    } catch {
      return null
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
