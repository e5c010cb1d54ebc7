import { DurableObject } from 'cloudflare:workers'
import { openSockets, sendToEach } from '../model/open-sockets.ts'
import { MAX_FEED_READERS } from './feeds.ts'

/** Of more news than this the readers, who look four times a second at most, would make nothing. */
const NEWS_INTERVAL_MS = 100

/**
 * Tells the live feeds of one tenant that its feed has grown. It stores nothing, knows nothing of the events, and sleeps between two
 * pieces of news while the platform keeps its sockets; readers look by themselves now and then, so nothing here has to be reliable.
 */
export class FeedObject extends DurableObject {
  #toldAt = 0
  #later = false

  /** Takes in a reader: a WebSocket on which only this object speaks. */
  override fetch(request: Request): Response {
    if (request.headers.get('Upgrade') !== 'websocket') return new Response(null, { status: 426 })
    if (openSockets(this.ctx).length >= MAX_FEED_READERS) return new Response(null, { status: 429 })
    const { 0: theirs, 1: ours } = new WebSocketPair()
    this.ctx.acceptWebSocket(ours)
    return new Response(null, { status: 101, webSocket: theirs })
  }

  /** Something was appended to the tenant's history. Gives the number of readers that hear of it. */
  news(): number {
    const readers = openSockets(this.ctx).length
    const wait = this.#toldAt + NEWS_INTERVAL_MS - Date.now()
    if (readers === 0 || this.#later) return readers
    if (wait > 0) {
      this.#later = true
      setTimeout(() => this.#tell(), wait)
    } else this.#tell()
    return readers
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close()
  }

  /** Each reader learns how many there are, for they share what Postgres can serve. */
  #tell(): void {
    this.#later = false
    this.#toldAt = Date.now()
    const readers = openSockets(this.ctx)
    sendToEach(readers, String(readers.length))
  }
}
