import { expect } from 'vitest'
import type { Scope } from '../../src/model/scopes.ts'
import { SESSION_HEADER } from '../../src/protocol/session.ts'
import { bearer, createKey } from './keys.ts'
import type { TestService } from './service.ts'

/** A message of a stream of server-sent events. */
export interface LiveMessage {
  readonly event: string
  readonly id: string | null
  readonly data: string
}

/** A live feed as a plain client reads it: one stream, without coming again by itself. */
export class LiveFeed {
  readonly messages: LiveMessage[] = []
  /** How it ended, once it has. */
  ended: 'clean' | 'broken' | null = null
  readonly #abort = new AbortController()
  readonly #cutAfter: number

  private constructor(cutAfter: number) {
    this.#cutAfter = cutAfter
  }

  /** Opens `/v1/events/live`. It loses its connection behind the message `cutAfter`. Throws when the answer is no stream. */
  static async open(
    url: string,
    options: { query?: string; headers?: Record<string, string>; cutAfter?: number | undefined } = {},
  ): Promise<LiveFeed> {
    const feed = new LiveFeed(options.cutAfter ?? Number.POSITIVE_INFINITY)
    const answer = await fetch(`${url}/v1/events/live${options.query ?? ''}`, {
      headers: { Accept: 'text/event-stream', ...options.headers },
      signal: feed.#abort.signal,
    })
    if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
    const { body } = answer
    if (!body) throw new Error('the stream has no body')
    void feed.#read(body)
    return feed
  }

  /** The events' own texts, as they were sent. */
  get texts(): string[] {
    return this.items.map(({ text }) => text)
  }

  get items(): { readonly id: string | null; readonly text: string; readonly event_id: string }[] {
    return this.messages
      .filter(({ event }) => event === 'event')
      .map(({ id, data }) => {
        const text = data.slice(data.indexOf('"event":') + '"event":'.length, -1)
        return { id, text, event_id: (JSON.parse(text) as { event_id: string }).event_id }
      })
  }

  get ids(): string[] {
    return this.items.map(({ event_id }) => event_id)
  }

  get lastEventId(): string | null {
    return this.messages.findLast(({ id }) => id !== null)?.id ?? null
  }

  /** Loses the connection. */
  cut(): void {
    this.#abort.abort()
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = ''
    try {
      for await (const chunk of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
        text += chunk
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) this.#take(block)
      }
      this.ended = 'clean'
    } catch {
      this.ended = 'broken'
    }
  }

  #take(block: string): void {
    if (this.#abort.signal.aborted) return
    const fields = block.split('\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')] as const
    })
    const data = fields.filter(([name]) => name === 'data').map(([, value]) => value)
    if (data.length === 0) return
    const of = (name: string) => fields.find(([field]) => field === name)?.[1]
    this.messages.push({ event: of('event') ?? 'message', id: of('id') ?? null, data: data.join('\n') })
    if (this.messages.length >= this.#cutAfter) this.cut()
  }
}

/** A tenant of a service with a key of its own, which writes and follows. */
export async function followingTenant({ url, database }: TestService, tenant: string, ...scopes: Scope[]) {
  if (!database) throw new Error('keys need a database')
  const key = await createKey(database, tenant, ['events:read', 'events:write', 'events:publish', ...scopes])
  const headers: Record<string, string> = bearer(key)
  return {
    key,
    headers,
    open: (query = '', more: Record<string, string> = {}, cutAfter?: number) =>
      LiveFeed.open(url, { query, headers: { ...headers, ...more }, cutAfter }),
    /** Records events and gives the session. */
    async post(texts: readonly string[], query = ''): Promise<string> {
      const answer = await fetch(`${url}/v1/events${query}`, {
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/json' },
        body: `[${texts.join(',')}]`,
      })
      expect(answer.status).toBe(201)
      return answer.headers.get(SESSION_HEADER) ?? ''
    },
  }
}
