import { describe, expect, it } from 'vitest'
import { decodeNews } from '../../src/conversation/live-news.ts'
import { INLINE_BYTES_PER_SECOND, LiveSockets, MAX_INLINE_BYTES } from '../../src/conversation/live-sockets.ts'
import type { LogState } from '../../src/conversation/segment-log.ts'
import { draftOfTexts, segmentsOf } from '../conversation/samples.ts'

/** Sockets of which one may be closing. */
function socketsOf(count: number) {
  const sent: Uint8Array[][] = Array.from({ length: count }, () => [])
  const sockets = sent.map((messages) => ({
    readyState: WebSocket.OPEN as number,
    send: (message: Uint8Array) => void messages.push(message),
  }))
  const holder = {
    acceptWebSocket: () => undefined,
    setWebSocketAutoResponse: () => undefined,
    getWebSockets: () => sockets as unknown as WebSocket[],
  }
  return { holder, sent, sockets }
}

/** A log of events of one length each. */
function logOf(...texts: string[]) {
  const segments = segmentsOf(texts.map((text) => draftOfTexts([text])))
  return {
    state: { epoch: 7, floor_seq: 0 } as LogState,
    head: texts.length,
    segmentsAfter: function* (after: number) {
      yield* segments.filter(({ first_seq }) => first_seq > after)
    },
  }
}

const heard = (messages: readonly Uint8Array[]) =>
  messages.map((message) => {
    const { items, ...rest } = decodeNews(message.slice().buffer)
    return { ...rest, along: items.byteLength > 0 }
  })

describe('telling live readers', () => {
  it('does nothing where there are none, or only such as close', () => {
    const { holder, sockets } = socketsOf(2)
    const log = {
      get state(): never {
        throw new Error('the log was looked at')
      },
      get head(): never {
        throw new Error('the log was looked at')
      },
      segmentsAfter(): never {
        throw new Error('the log was read')
      },
    }
    for (const socket of sockets) socket.readyState = WebSocket.CLOSING
    new LiveSockets(holder, log).tell(1, 0)
    sockets.length = 0
    new LiveSockets(holder, log).tell(1, 0)
  })

  it('writes the events once for all of them', () => {
    const { holder, sent } = socketsOf(3)
    new LiveSockets(holder, logOf('{"a":1}', '{"a":2}')).tell(2, 0)
    expect(heard(sent[0] ?? [])).toEqual([{ epoch: 7, floor_seq: 0, first_seq: 2, last_seq: 2, along: true }])
    expect(sent[1]?.[0]).toBe(sent[0]?.[0])
    expect(sent[2]?.[0]).toBe(sent[0]?.[0])
  })

  it('leaves out those that close, and goes on behind one that fails', () => {
    const { holder, sent, sockets } = socketsOf(3)
    const [closing, failing] = sockets
    if (closing) closing.readyState = 2
    if (failing)
      failing.send = () => {
        throw new Error('it closed')
      }
    new LiveSockets(holder, logOf('{}')).tell(1, 0)
    expect(sent.map((messages) => messages.length)).toEqual([0, 0, 1])
  })

  it('tells of the head alone where an append is large', () => {
    const { holder, sent } = socketsOf(1)
    const text = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`
    new LiveSockets(holder, logOf(text(MAX_INLINE_BYTES))).tell(1, 0)
    new LiveSockets(holder, logOf(text(MAX_INLINE_BYTES + 1))).tell(1, 0)
    new LiveSockets(holder, logOf(text(MAX_INLINE_BYTES / 2), text(MAX_INLINE_BYTES / 2 + 1))).tell(1, 0)
    expect(heard(sent[0] ?? []).map(({ along }) => along)).toEqual([true, false, false])
  })

  it('sends along no more a second than the object may hold of it', () => {
    const readers = 600
    const { holder, sent } = socketsOf(readers)
    const sockets = new LiveSockets(holder, logOf(`"${'x'.repeat(20_000)}"`))
    for (let n = 0; n < 10; n++) sockets.tell(1, 1_000 + n)
    sockets.tell(1, 2_000)
    const along = heard(sent[0] ?? []).map((news) => news.along)
    expect(along.slice(0, 10).filter(Boolean).length * 20_000 * readers).toBeLessThanOrEqual(INLINE_BYTES_PER_SECOND)
    expect([along[0], along[9], along[10]]).toEqual([true, false, true])
  })
})
