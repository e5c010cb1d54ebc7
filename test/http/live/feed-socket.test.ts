import { describe, expect, it } from 'vitest'
import { type Feeds, TOO_MANY_READERS } from '../../../src/feed/feeds.ts'
import { LOOK_INTERVAL_MS } from '../../../src/http/live/feed-looks.ts'
import { FeedSocket } from '../../../src/http/live/feed-socket.ts'

class FakeSocket extends EventTarget {
  accepted = false
  closed = false

  accept() {
    this.accepted = true
  }

  close() {
    if (!this.accepted) throw new Error('it was not accepted')
    this.closed = true
  }

  say(data: string) {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }

  lose() {
    this.dispatchEvent(new Event('close'))
  }
}

function harness() {
  const sockets: FakeSocket[] = []
  const heard: (number | undefined)[] = []
  const again: number[] = []
  const logged: string[] = []
  const clock = { now: 0 }
  const next: { answer: 'socket' | 'away' | typeof TOO_MANY_READERS } = { answer: 'socket' }
  const feeds = {
    async listen(tenant: string) {
      if (tenant !== 't') throw new Error('another tenant')
      if (next.answer === 'away') throw new Error('the object is away')
      if (next.answer === TOO_MANY_READERS) return TOO_MANY_READERS
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
  } as unknown as Feeds
  const socket = new FeedSocket('t', {
    feeds,
    looks: { news: (readers) => heard.push(readers), after: (ms) => again.push(ms) },
    log: (_, message) => logged.push(message),
    now: () => clock.now,
  })
  return { socket, sockets, heard, again, logged, clock, next }
}

describe('where a live feed hears of news', () => {
  it('hears it on one socket, and looks again for what was told nobody while there was no reader', async () => {
    const { socket, sockets, heard, again } = harness()
    await socket.open()
    await socket.open()
    sockets[0]?.say('7')
    expect([sockets.length, sockets[0]?.accepted, heard, again.length]).toEqual([1, true, [7], 1])
  })

  it('opens another when it lost one, and looks at once for what came between', async () => {
    const { socket, sockets, heard, clock } = harness()
    await socket.open()
    clock.now = LOOK_INTERVAL_MS + 1
    sockets[0]?.lose()
    expect(heard).toEqual([undefined])
    await socket.open()
    sockets[0]?.lose()
    sockets[1]?.say('1')
    expect(heard).toEqual([undefined, 1])
  })

  it('does not hurry after an object that drops its readers over and over', async () => {
    const { socket, sockets, heard } = harness()
    await socket.open()
    sockets[0]?.lose()
    await socket.open()
    expect([sockets.length, heard]).toEqual([2, []])
  })

  it('does without while the object is away, and says so once', async () => {
    const { socket, sockets, logged, next } = harness()
    next.answer = 'away'
    await socket.open()
    await socket.open()
    expect(logged).toEqual(['a live feed hears of no news; it looks by itself'])
    next.answer = 'socket'
    await socket.open()
    expect(sockets).toHaveLength(1)
  })

  it('refuses a reader too many', async () => {
    const { socket, next } = harness()
    next.answer = TOO_MANY_READERS
    await expect(socket.open()).rejects.toMatchObject({ failure: { kind: 'rate-limited', cap: { limit: 500 } } })
  })

  it('leaves no socket open when its stream is over, not even one that comes late', async () => {
    const early = harness()
    await early.socket.open()
    early.socket.close()
    const late = harness()
    const opening = late.socket.open()
    late.socket.close()
    await opening
    await late.socket.open()
    expect([...early.sockets, ...late.sockets].map(({ closed }) => closed)).toEqual([true, true])
  })
})
