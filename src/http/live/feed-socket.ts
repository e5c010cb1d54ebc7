import { type Feeds, MAX_FEED_READERS, TOO_MANY_READERS, UNHEARD_MS } from '../../feed/feeds.ts'
import { describeError } from '../../model/describe-error.ts'
import type { Log } from '../../model/log.ts'
import { type Cap, RequestFailure } from '../../protocol/failure.ts'
import { type FeedLooks, LOOK_INTERVAL_MS } from './feed-looks.ts'

const FEEDS_CAP: Cap = { limit: MAX_FEED_READERS, counts: 'live feeds of this tenant' }

export interface FeedSocketDeps {
  readonly feeds: Pick<Feeds, 'listen'>
  readonly looks: Pick<FeedLooks, 'news' | 'after'>
  readonly log: Log
  /** Unix ms. */
  readonly now: () => number
}

/** Where a live feed hears of news. Without it, it only sees later what there is. */
export class FeedSocket {
  readonly #tenant: string
  readonly #deps: FeedSocketDeps
  #socket: WebSocket | null = null
  #over = false
  #failed = false

  constructor(tenant: string, deps: FeedSocketDeps) {
    this.#tenant = tenant
    this.#deps = deps
  }

  /** Sees to it that there is a socket, where that can be. Throws the failure of kind `rate-limited` when the tenant has too many readers. */
  async open(): Promise<void> {
    if (this.#socket || this.#over) return
    const { feeds, looks, log, now } = this.#deps
    const socket = await feeds.listen(this.#tenant).catch((cause: unknown) => {
      if (!this.#failed) log('warn', 'a live feed hears of no news; it looks by itself', { cause: describeError(cause) })
      this.#failed = true
      return null
    })
    if (socket === null) return
    if (socket === TOO_MANY_READERS) throw new RequestFailure({ kind: 'rate-limited', cap: FEEDS_CAP })
    // Messages come only after this has run: the listeners below miss none.
    socket.accept()
    if (this.#over) return socket.close()
    const openedAt = now()
    const lost = () => {
      if (this.#socket !== socket) return
      this.#socket = null
      // What came in the gap is looked for at once, but not of an object that drops its readers over and over.
      if (now() - openedAt > LOOK_INTERVAL_MS) looks.news()
    }
    socket.addEventListener('message', ({ data }) => looks.news(Number(data)))
    socket.addEventListener('close', lost)
    socket.addEventListener('error', lost)
    this.#socket = socket
    looks.after(UNHEARD_MS)
  }

  close(): void {
    this.#over = true
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }
}
