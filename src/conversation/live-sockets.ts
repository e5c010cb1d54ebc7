import { MAX_LIVE_READERS } from '../model/limits.ts'
import { openSockets, sendToEach } from '../model/open-sockets.ts'
import { encodeNews } from './live-news.ts'
import { pickPage } from './page.ts'
import { renderItems } from './render-items.ts'
import type { SegmentLog } from './segment-log.ts'

/** Sent by a reader that wants to know whether its socket still lives; the platform answers while the object sleeps. */
export const PING = 'ping'
export const PONG = 'pong'

/** Event text of one append that is sent along. What is larger the readers fetch, each when its client has room. */
export const MAX_INLINE_BYTES = 32 * 1024

/**
 * Event text sent along to all readers together, a second. What the network does not take at once waits in the object, which has
 * 128 MB; above this the readers are told of the head alone.
 */
export const INLINE_BYTES_PER_SECOND = 16 * 1024 * 1024

/** What live sockets need of the object's state. */
export interface SocketHolder {
  acceptWebSocket(socket: WebSocket): void
  getWebSockets(): WebSocket[]
  setWebSocketAutoResponse(pair: WebSocketRequestResponsePair): void
}

type Log = Pick<SegmentLog, 'state' | 'head' | 'segmentsAfter'>

/** The live readers of one conversation: sockets that the platform keeps while the object sleeps. Nothing else is held of them. */
export class LiveSockets {
  readonly #holder: SocketHolder
  readonly #log: Log
  #inlineBytes = 0
  #inlineSince = Number.NEGATIVE_INFINITY

  constructor(holder: SocketHolder, log: Log) {
    this.#holder = holder
    this.#log = log
  }

  /** Takes in a reader, who hears at once where the conversation stands. */
  accept(): Response {
    if (openSockets(this.#holder).length >= MAX_LIVE_READERS) return new Response(null, { status: 429 })
    const { 0: theirs, 1: ours } = new WebSocketPair()
    this.#holder.acceptWebSocket(ours)
    this.#holder.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG))
    ours.send(this.#news(this.#log.head + 1, 0))
    return new Response(null, { status: 101, webSocket: theirs })
  }

  /**
   * Tells of what was appended from `firstSeq` on, or of a clearing. Comes right behind the write and yet tells of nothing that
   * could be lost: like answers, messages leave an object when what it wrote before them is durable.
   */
  tell(firstSeq: number, now: number): void {
    const sockets = openSockets(this.#holder)
    if (sockets.length === 0) return
    const message = this.#news(firstSeq, Math.min(MAX_INLINE_BYTES, this.#room(now) / sockets.length))
    this.#inlineBytes += message.byteLength * sockets.length
    sendToEach(sockets, message)
  }

  #news(firstSeq: number, maxBytes: number): Uint8Array<ArrayBuffer> {
    const { state, head } = this.#log
    const after = firstSeq - 1
    const page =
      maxBytes > 0 && after < head
        ? pickPage(this.#log.segmentsAfter(after), {
            after,
            until_seq: head,
            limit: Number.POSITIVE_INFINITY,
            max_bytes: maxBytes,
          })
        : null
    const whole = page !== null && page.scanned_through === head && page.bytes <= maxBytes
    return encodeNews({
      epoch: state?.epoch ?? 0,
      floor_seq: state?.floor_seq ?? 0,
      first_seq: firstSeq,
      last_seq: head,
      items: whole ? renderItems(page, 'sse') : new Uint8Array(0),
    })
  }

  /** Bytes that may still be sent along in this second. */
  #room(now: number): number {
    if (now - this.#inlineSince >= 1_000 || now < this.#inlineSince) {
      this.#inlineSince = now
      this.#inlineBytes = 0
    }
    return Math.max(INLINE_BYTES_PER_SECOND - this.#inlineBytes, 0)
  }
}
