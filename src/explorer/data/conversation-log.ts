import type { EventStoreClient } from './client.tsx'
import { type ConversationItem, itemOf } from './conversation-item.ts'
import { type Failure, failureOf } from './failure.ts'

export interface ConversationSnapshot {
  /** In the order of seq. A new array whenever there are more. */
  readonly items: readonly ConversationItem[]
  /** `live`: all is loaded, and what is recorded from now on comes by itself. */
  readonly phase: 'loading' | 'loaded' | 'live' | 'failed'
  readonly failure: Failure | null
  /** Live: all that is recorded has been taken. False while history is still coming, and while the service is away. */
  readonly upToDate: boolean
  /** How often the conversation was cleared and began anew while it was followed: `items` then begin anew, too. */
  readonly epoch: number
}

/** Views follow so often at most, in milliseconds, however many events come. */
const FLUSH_MS = 50

/** While history comes they follow the less often the more there is: they look through all of it each time. */
const FLUSH_MS_PER_LOADED = 0.05

/** So long the page is kept from anything else while a long history is read, in milliseconds. */
const SLICE_MS = 12

/**
 * A conversation's events for any number of views: loaded once, page by page, and only ever appended to within an epoch. Runs
 * while someone is subscribed and goes on where it stood.
 */
export class ConversationLog {
  readonly #client: EventStoreClient
  readonly #id: string
  readonly #listeners = new Set<() => void>()
  #snapshot: ConversationSnapshot = { items: [], phase: 'loading', failure: null, upToDate: false, epoch: 0 }
  #arrived: ConversationItem[] = []
  #flushing: ReturnType<typeof setTimeout> | null = null
  #run: AbortController | null = null
  #live = false

  constructor(client: EventStoreClient, id: string) {
    this.#client = client
    this.#id = id
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#start()
    return () => {
      this.#listeners.delete(listener)
      // Another view may subscribe in this very turn.
      queueMicrotask(() => this.#listeners.size === 0 && this.#stop())
    }
  }

  readonly getSnapshot = (): ConversationSnapshot => this.#snapshot

  /** After a failure, or to look for what was recorded meanwhile. */
  readonly retry = (): void => {
    this.#stop()
    this.#start()
  }

  setLive(live: boolean): void {
    if (this.#live === live) return
    this.#live = live
    if (this.#run) this.retry()
  }

  #start(): void {
    if (this.#run) return
    const run = new AbortController()
    this.#run = run
    void this.#follow(run.signal)
  }

  #stop(): void {
    this.#run?.abort()
    this.#run = null
    this.#flush()
    if (this.#snapshot.phase === 'live') this.#snapshot = { ...this.#snapshot, phase: 'loaded', upToDate: false }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const isReload = this.#snapshot.phase !== 'failed' && this.#snapshot.items.length > 0
    if (!isReload) this.#publish({ phase: 'loading', failure: null })
    try {
      const known = this.#snapshot.items.at(-1)?.seq ?? 0
      // The last known event once more: it tells whether this is still the same log.
      const after = Math.max(known - 1, 0)
      let isSame = known === 0
      let pauseAt = performance.now() + SLICE_MS
      for await (const stored of this.#client.store.readConversation(this.#id, { after, signal })) {
        isSame = this.#take(itemOf(stored))
        if (!isSame) break
        if (performance.now() < pauseAt) continue
        await new Promise((resolve) => setTimeout(resolve))
        if (signal.aborted) return
        pauseAt = performance.now() + SLICE_MS
      }
      if (signal.aborted) return
      if (!isSame) return this.#beginAnew()
      this.#flush()
      this.#publish({ phase: this.#live ? 'live' : 'loaded', failure: null })
      if (!this.#live) return
      const last = this.#snapshot.items.at(-1)?.seq ?? 0
      const upToDate = (holds: boolean) =>
        signal.aborted || this.#snapshot.upToDate === holds || this.#publish({ upToDate: holds })
      const options = { after: last, signal, onUpToDate: () => upToDate(true), onRetry: () => upToDate(false) }
      for await (const stored of this.#client.store.live(this.#id, options)) {
        if (!this.#take(itemOf(stored))) return this.#beginAnew()
      }
    } catch (thrown) {
      if (signal.aborted) return
      this.#flush()
      const failure = failureOf(thrown)
      this.#publish({ phase: 'failed', failure, upToDate: false })
      if (failure.kind === 'signed-out') this.#client.onSignedOut()
    }
  }

  /** False for an event in the place of another: after a clearing the conversation counts from 1 again. */
  #take(item: ConversationItem): boolean {
    const known = itemAt(this.#arrived, item.seq) ?? itemAt(this.#snapshot.items, item.seq)
    if (known) return known.text === item.text
    this.#arrived.push(item)
    const { phase, items } = this.#snapshot
    const wait = phase === 'loading' ? FLUSH_MS + items.length * FLUSH_MS_PER_LOADED : FLUSH_MS
    this.#flushing ??= setTimeout(() => this.#flush(), wait)
    return true
  }

  /** Reads another log that has the conversation's id now. */
  #beginAnew(): void {
    this.#arrived = []
    this.#publish({ items: [], epoch: this.#snapshot.epoch + 1, upToDate: false })
    this.retry()
  }

  #flush(): void {
    if (this.#flushing !== null) clearTimeout(this.#flushing)
    this.#flushing = null
    if (this.#arrived.length === 0) return
    const fresh = this.#arrived
    this.#arrived = []
    this.#publish({ items: this.#snapshot.items.concat(fresh) })
  }

  #publish(changes: Partial<ConversationSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...changes }
    for (const listener of this.#listeners) listener()
  }
}

/** The item with that seq, of items in the order of seq. Hardly ever is one left out, so it is looked for in its place first. */
function itemAt(items: readonly ConversationItem[], seq: number): ConversationItem | undefined {
  const inPlace = items[seq - (items[0]?.seq ?? 0)]
  if (inPlace?.seq === seq || seq > (items.at(-1)?.seq ?? 0)) return inPlace
  return items.find((item) => item.seq === seq)
}

/** Logs that stay in memory after their view was left, so that going back is instant. */
const KEPT = 3

/** The logs of one client, by conversation. */
export class ConversationLogs {
  readonly #client: EventStoreClient
  readonly #logs = new Map<string, ConversationLog>()

  constructor(client: EventStoreClient) {
    this.#client = client
  }

  of(id: string): ConversationLog {
    const log = this.#logs.get(id) ?? new ConversationLog(this.#client, id)
    this.#logs.delete(id)
    this.#logs.set(id, log)
    for (const oldest of [...this.#logs.keys()].slice(0, -KEPT)) this.#logs.delete(oldest)
    return log
  }
}
