import { describe, expect, it } from 'vitest'
import { encodeNews } from '../../src/conversation/live-news.ts'
import { PING, PONG } from '../../src/conversation/live-sockets.ts'
import type { ConversationPage, ConversationPages } from '../../src/http/conversation-pages.ts'
import { ConversationReader } from '../../src/http/live/conversation-reader.ts'
import type { EventStream } from '../../src/http/live/event-stream.ts'
import { followConversation } from '../../src/http/live/follow-conversation.ts'

/** The Worker's end of a socket, as far as it is used. */
class FakeSocket extends EventTarget {
  readonly sent: string[] = []
  accepted = false
  closed = false

  accept(): void {
    this.accepted = true
  }

  send(message: string): void {
    if (this.closed) throw new TypeError('it is closed')
    this.sent.push(message)
  }

  close(): void {
    this.closed = true
  }

  /** The object says where it stands. */
  stands(head: number, epoch = 7): void {
    const news = { epoch, floor_seq: 0, first_seq: head + 1, last_seq: head, items: new Uint8Array(0) }
    this.says(encodeNews(news).buffer)
  }

  says(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }

  breaks(): void {
    this.dispatchEvent(new Event('close'))
    this.dispatchEvent(new Event('error'))
  }
}

class FakeStream implements EventStream {
  readonly #over = new AbortController()
  text = ''

  get over() {
    return this.#over.signal
  }

  async write(messages: string | Uint8Array): Promise<boolean> {
    this.text += typeof messages === 'string' ? messages : new TextDecoder().decode(messages)
    return !this.over.aborted
  }

  spend(): void {}

  end(): void {
    this.#over.abort()
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

function follow({ pages = noPages, now = () => 0 }: { pages?: ConversationPages; now?: () => number } = {}) {
  const stream = new FakeStream()
  const sockets: FakeSocket[] = []
  const room: (FakeSocket | null | Error)[] = []
  const ticks: (() => void)[] = []
  let ended = false
  let counted = 0
  const first = new FakeSocket()
  const open = async () => {
    const next = room.shift() ?? new FakeSocket()
    if (next instanceof Error) throw next
    if (next) sockets.push(next)
    return next as unknown as WebSocket | null
  }
  sockets.push(first)
  const every = (_: number, run: () => void) => {
    ticks.push(run)
    return () => void ticks.splice(ticks.indexOf(run), 1)
  }
  const done = followConversation(stream, new ConversationReader(0), first as unknown as WebSocket, {
    pages,
    open,
    count: (events) => {
      counted += events
    },
    wait: async () => undefined,
    now,
    every,
  }).then(() => {
    ended = true
  })
  return {
    stream,
    sockets,
    room,
    tick: () => [...ticks].forEach((run) => void run()),
    ticks,
    done,
    ended: () => ended,
    counted: () => counted,
  }
}

const noPages: ConversationPages = async () => {
  throw new Error('nothing is to be read')
}

/** A page that brings the conversation to this seq. */
const pageTo = (seq: number, epoch = 7) =>
  ({ items: 1, epoch, last_seq: seq, next_cursor: null, tag: '', body: `<to ${seq}>` }) as ConversationPage

const upToDate = (seq: number) => `event: up-to-date\ndata: {"cursor":"${seq}"}\n\n`

describe('following a conversation', () => {
  it('opens another socket when one is lost, and goes on', async () => {
    const { stream, sockets, ended, counted } = follow({ pages: async () => pageTo(2) })
    sockets[0]?.stands(0)
    await settled()
    sockets[0]?.breaks()
    await settled()
    sockets[1]?.stands(2)
    await settled()
    expect(stream.text).toBe(`${upToDate(0)}<to 2>${upToDate(2)}`)
    expect([sockets.length, sockets[0]?.closed, ended(), counted()]).toEqual([2, true, false, 1])
  })

  it('ends without an error when sockets are lost over and over, so that the client comes again', async () => {
    const { sockets, done, room } = follow()
    room.push(new Error('the object is away'))
    sockets[0]?.breaks()
    await settled()
    sockets[1]?.breaks()
    await done
    expect(sockets).toHaveLength(2)
  })

  it('takes it as new trouble when a socket has lived for long', async () => {
    let at = 0
    const { sockets, ended, stream } = follow({ now: () => at })
    for (let n = 0; n < 10; n++) {
      at += 100_000
      sockets.at(-1)?.breaks()
      await settled()
    }
    expect([sockets.length, ended()]).toEqual([11, false])
    stream.end()
  })

  it('finds out that a socket is dead by asking, and that one lives that answers', async () => {
    const { sockets, tick, ticks } = follow()
    tick()
    expect(sockets[0]?.sent).toEqual([PING])
    sockets[0]?.says(PONG)
    tick()
    await settled()
    expect(sockets).toHaveLength(1)
    tick()
    await settled()
    expect(sockets).toHaveLength(2)
    expect(ticks).toHaveLength(1)
  })

  it('asks where the conversation stands when a page is of another time', async () => {
    const { stream, sockets } = follow({ pages: async () => pageTo(2, 8) })
    sockets[0]?.stands(3)
    await settled()
    expect([sockets.length, stream.text]).toEqual([2, ''])
    sockets[1]?.stands(2, 8)
    await settled()
    expect(stream.text).toBe(`<to 2>${upToDate(2)}`)
  })

  it('ends with an error when what it lacks cannot be read', async () => {
    const { sockets, done } = follow()
    sockets[0]?.stands(1)
    await expect(done).rejects.toThrow('nothing is to be read')
    expect(sockets[0]?.closed).toBe(true)
  })

  it('lets go of its socket when its stream is over', async () => {
    const { stream, sockets, done, ticks } = follow()
    sockets[0]?.stands(0)
    await settled()
    stream.end()
    await done
    expect([sockets[0]?.closed, ticks.length]).toEqual([true, 0])
  })
})
