import { errorMessage, HEARTBEAT, OPENING } from './event-message.ts'

/** Comments keep the connection open where proxies close idle ones; many do after 30 s or a minute. */
export const HEARTBEAT_MS = 15_000

/** A client that takes nothing for so long is cut, and resumes when it can: nothing is held for it meanwhile. */
export const STALL_MS = 20_000

/** Then the stream ends and its client comes again: to the newest deployment, with calls to spend and a credential that is checked. */
export const LONGEST_STREAM_MS = 15 * 60_000

/** Calls of objects and of Postgres in one stream. A Worker has 1,000 in the least of its plans that count. */
export const MOST_CALLS = 900

/** How often the credential is looked at again. With the age that a cached key may have, a revoked one ends within a minute. */
export const RECHECK_MS = 15_000

/** Bytes handed over at a time: as much as even a slow client takes within `STALL_MS`. */
const PIECE_BYTES = 64 * 1024

/** Runs something later, unless it is called off. */
export interface StreamClock {
  after(ms: number, run: () => void): () => void
}

export interface EventStreamOptions {
  readonly clock: StreamClock
  /** The client's request: aborted when it leaves. */
  readonly signal: AbortSignal
  /** Looks whether the credential still holds; what it resolves with, if anything, ends the stream. Never rejects. */
  readonly recheck: () => Promise<unknown>
  /** Problem details of what ended the stream. */
  readonly describe: (thrown: unknown) => object
}

/** What a producer writes to. */
export interface EventStream {
  /** Aborted once the stream has to end or has ended, for whatever reason. A producer that waits has to watch it. */
  readonly over: AbortSignal
  /**
   * Hands over whole messages. Resolves when the client has room for more: with true, or with false when the stream is over and
   * nothing more can be written. One call at a time.
   */
  write(messages: string | Uint8Array): Promise<boolean>
  /** Counts calls that the producer makes. At `MOST_CALLS` the stream ends, as if its time were up. */
  spend(calls: number): void
}

/**
 * The body of a stream of server-sent events. It ends cleanly when the producer returns, its time is up or its calls are spent;
 * with an `error` message when the producer throws or the credential no longer holds; and breaks off when its client stalls.
 */
export function eventStream(
  options: EventStreamOptions,
  produce: (stream: EventStream) => Promise<void>,
): ReadableStream<Uint8Array> {
  const writer = new StreamWriter(options)
  void writer.run(produce)
  return writer.body
}

const encoder = new TextEncoder()

class StreamWriter implements EventStream {
  readonly body: ReadableStream<Uint8Array>
  readonly #options: EventStreamOptions
  readonly #over = new AbortController()
  /** Messages go out one after the other, comments among them. */
  #sending: Promise<boolean> = Promise.resolve(true)
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null
  /** False once nothing can be written any more. */
  #open = true
  /** The client has taken everything so far. */
  #wanted = false
  #onWanted: ((wanted: boolean) => void) | null = null
  #calls = 0
  /** What ended the stream, where that is worth telling. */
  #fault: { readonly cause: unknown } | null = null
  readonly #timers = new Map<string, () => void>()

  constructor(options: EventStreamOptions) {
    this.#options = options
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => {
          this.#wanted = true
          this.#onWanted?.(true)
        },
        cancel: () => this.#shut(),
      },
      { highWaterMark: 0 },
    )
  }

  get over(): AbortSignal {
    return this.#over.signal
  }

  async write(messages: string | Uint8Array): Promise<boolean> {
    if (this.#over.signal.aborted) return false
    return this.#enqueue(typeof messages === 'string' ? encoder.encode(messages) : messages)
  }

  spend(calls: number): void {
    this.#calls += calls
    if (this.#calls >= MOST_CALLS) this.#over.abort()
  }

  async run(produce: (stream: EventStream) => Promise<void>): Promise<void> {
    const { signal } = this.#options
    const leave = () => this.#shut()
    signal.addEventListener('abort', leave)
    this.#later('end', LONGEST_STREAM_MS, () => this.#over.abort())
    this.#later('recheck', RECHECK_MS, () => void this.#recheck())
    try {
      if (signal.aborted) return this.#shut()
      await this.write(OPENING)
      const over = new Promise<void>((resolve) => this.#over.signal.addEventListener('abort', () => resolve()))
      const produced = this.#over.signal.aborted ? over : produce(this)
      await Promise.race([produced, over])
    } catch (cause) {
      if (!this.#over.signal.aborted) this.#fault = { cause }
    } finally {
      signal.removeEventListener('abort', leave)
      await this.#finish()
    }
  }

  async #finish(): Promise<void> {
    this.#over.abort()
    this.#never('end')
    this.#never('recheck')
    this.#never('heartbeat')
    // What was begun is written to its end: the client would take half a message for none.
    await this.#sending
    if (this.#fault) await this.#enqueue(encoder.encode(errorMessage(this.#options.describe(this.#fault.cause))))
    if (!this.#open) return
    this.#open = false
    this.#controller?.close()
  }

  #enqueue(bytes: Uint8Array): Promise<boolean> {
    this.#sending = this.#sending.then(() => this.#send(bytes))
    return this.#sending
  }

  async #send(bytes: Uint8Array): Promise<boolean> {
    this.#never('heartbeat')
    for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) {
      if (!(await this.#demand())) return false
      this.#controller?.enqueue(bytes.subarray(at, at + PIECE_BYTES))
    }
    if (!this.#over.signal.aborted) this.#later('heartbeat', HEARTBEAT_MS, () => void this.#enqueue(encoder.encode(HEARTBEAT)))
    return this.#open
  }

  /** Whether the client takes more; waits for it as long as it may take. */
  async #demand(): Promise<boolean> {
    if (this.#open && !this.#wanted) {
      await new Promise<unknown>((resolve) => {
        this.#onWanted = resolve
        this.#later('stall', STALL_MS, () => this.#shut(new Error('the client took nothing for too long')))
      })
      this.#onWanted = null
      this.#never('stall')
    }
    this.#wanted = false
    return this.#open
  }

  async #recheck(): Promise<void> {
    const cause = await this.#options.recheck()
    if (this.#over.signal.aborted) return
    if (cause == null) return this.#later('recheck', RECHECK_MS, () => void this.#recheck())
    this.#fault = { cause }
    this.#over.abort()
  }

  /** Nobody reads any more, or nobody shall. */
  #shut(cut?: Error): void {
    if (!this.#open) return
    this.#open = false
    if (cut) this.#controller?.error(cut)
    this.#over.abort()
    this.#onWanted?.(false)
  }

  #later(name: string, ms: number, run: () => void): void {
    this.#never(name)
    this.#timers.set(name, this.#options.clock.after(ms, run))
  }

  #never(name: string): void {
    this.#timers.get(name)?.()
    this.#timers.delete(name)
  }
}
