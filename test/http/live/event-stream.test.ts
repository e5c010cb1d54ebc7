import { describe, expect, it } from 'vitest'
import { HEARTBEAT, OPENING } from '../../../src/http/live/event-message.ts'
import {
  type EventStream,
  type EventStreamOptions,
  eventStream,
  HEARTBEAT_MS,
  LONGEST_STREAM_MS,
  MOST_CALLS,
  RECHECK_MS,
  STALL_MS,
} from '../../../src/http/live/event-stream.ts'

/** Time that passes when a test says so. */
class TestClock {
  #now = 0
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>()

  after = (ms: number, run: () => void) => {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  get pending(): number {
    return this.#timers.size
  }

  async pass(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      await settled()
      const [next] = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
      if (!next) break
      this.#timers.delete(next)
      this.#now = next.at
      next.run()
    }
    this.#now = until
    await settled()
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0))
const never = () => new Promise<void>(() => {})
const decoder = new TextDecoder()

function open(produce: (stream: EventStream) => Promise<void>, options: Partial<EventStreamOptions> = {}) {
  const clock = new TestClock()
  const body = eventStream(
    {
      clock,
      signal: new AbortController().signal,
      recheck: async () => null,
      describe: (thrown) => ({ what: thrown instanceof Error ? thrown.message : thrown }),
      ...options,
    },
    produce,
  )
  return { clock, reader: body.getReader() }
}

/** Reads on and on. */
function drain(reader: ReadableStreamDefaultReader<Uint8Array>) {
  const read = { text: '', end: null as 'ended' | 'broken' | null }
  void (async () => {
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        read.text += decoder.decode(value, { stream: true })
      }
      read.end = 'ended'
    } catch {
      read.end = 'broken'
    }
  })()
  return read
}

describe('a stream of events', () => {
  it('opens at once, brings what is written, and ends with its producer', async () => {
    const { clock, reader } = open(async (stream) => {
      expect(await stream.write('a\n\n')).toBe(true)
      expect(await stream.write(new TextEncoder().encode('b\n\n'))).toBe(true)
    })
    const read = drain(reader)
    await settled()
    expect(read).toEqual({ text: `${OPENING}a\n\nb\n\n`, end: 'ended' })
    expect(clock.pending).toBe(0)
  })

  it('says that it lives when nothing else was said for a while', async () => {
    let write: EventStream['write'] | undefined
    const { clock, reader } = open((stream) => {
      write = (text) => stream.write(text)
      return never()
    })
    const read = drain(reader)
    await clock.pass(HEARTBEAT_MS - 1)
    expect(read.text).toBe(OPENING)
    await write?.('a\n\n')
    await clock.pass(HEARTBEAT_MS - 1)
    expect(read.text).toBe(`${OPENING}a\n\n`)
    await clock.pass(1)
    expect(read.text).toBe(`${OPENING}a\n\n${HEARTBEAT}`)
    await clock.pass(HEARTBEAT_MS)
    expect(read.text).toBe(`${OPENING}a\n\n${HEARTBEAT}${HEARTBEAT}`)
  })

  it('hands over no more than its client takes', async () => {
    const { reader } = open(async (stream) => {
      for (let n = 0; n < 10; n++) {
        written.push(n)
        await stream.write(`${n}\n\n`)
      }
    })
    const written: number[] = []
    await reader.read()
    await reader.read()
    await settled()
    expect(written).toEqual([0, 1])
  })

  it('is cut when its client takes nothing for too long', async () => {
    let taken: boolean | undefined
    const { clock, reader } = open(async (stream) => {
      await stream.write('a\n\n')
      taken = await stream.write('b\n\n')
    })
    await reader.read()
    await reader.read()
    await clock.pass(STALL_MS - 1)
    expect(taken).toBeUndefined()
    await clock.pass(1)
    expect(taken).toBe(false)
    expect(drain(reader)).toMatchObject({ text: '' })
    await expect(reader.closed).rejects.toThrow('took nothing')
    expect(clock.pending).toBe(0)
  })

  it('gives a slow client the whole time for each piece of a long message', async () => {
    const long = 'x'.repeat(300_000)
    let whole: boolean | undefined
    const { clock, reader } = open(async (stream) => {
      whole = await stream.write(long)
    })
    let text = ''
    while (whole === undefined) {
      await clock.pass(STALL_MS - 1)
      const { done, value } = await reader.read()
      if (done) break
      text += decoder.decode(value)
      await settled()
    }
    expect(whole).toBe(true)
    expect(text === `${OPENING}${long}`).toBe(true)
  })

  it('ends between two messages when its time is up, and its producer learns of it', async () => {
    let over: AbortSignal | undefined
    const { clock, reader } = open(async (stream) => {
      over = stream.over
      await never()
    })
    const read = drain(reader)
    await clock.pass(LONGEST_STREAM_MS - 1)
    expect([read.end, over?.aborted]).toEqual([null, false])
    await clock.pass(1)
    expect([read.end, over?.aborted]).toEqual(['ended', true])
    expect(read.text.replaceAll(HEARTBEAT, '')).toBe(OPENING)
    expect(clock.pending).toBe(0)
  })

  it('writes the message to its end that was begun when it had to end', async () => {
    const long = 'x'.repeat(300_000)
    const { reader } = open(async (stream) => {
      void stream.write(long)
      stream.spend(MOST_CALLS)
      await never()
    })
    const read = drain(reader)
    await settled()
    expect(read.text === `${OPENING}${long}`).toBe(true)
    expect(read.end).toBe('ended')
  })

  it('ends when its calls are spent, and takes nothing more', async () => {
    const taken: boolean[] = []
    const { reader } = open(async (stream) => {
      stream.spend(MOST_CALLS - 1)
      taken.push(await stream.write('a\n\n'))
      stream.spend(1)
      taken.push(await stream.write('b\n\n'))
    })
    const read = drain(reader)
    await settled()
    expect(read).toEqual({ text: `${OPENING}a\n\n`, end: 'ended' })
    expect(taken).toEqual([true, false])
  })

  it('ends with an error that its producer throws', async () => {
    const { reader } = open(async (stream) => {
      await stream.write('a\n\n')
      throw new Error('it broke')
    })
    const read = drain(reader)
    await settled()
    expect(read).toEqual({ text: `${OPENING}a\n\nevent: error\ndata: {"what":"it broke"}\n\n`, end: 'ended' })
  })

  it('ends with an error when its credential no longer holds', async () => {
    const answers = [null, null, 'revoked']
    const { clock, reader } = open(never, { recheck: async () => answers.shift() })
    const read = drain(reader)
    await clock.pass(3 * RECHECK_MS - 1)
    expect(read.end).toBeNull()
    await clock.pass(1)
    expect(read.end).toBe('ended')
    expect(read.text.replaceAll(HEARTBEAT, '')).toBe(`${OPENING}event: error\ndata: {"what":"revoked"}\n\n`)
    expect(clock.pending).toBe(0)
  })

  it.each(['its client cancels it', 'its request is aborted'])('lets go of everything when %s', async (how) => {
    const request = new AbortController()
    let over: AbortSignal | undefined
    const { clock, reader } = open(
      async (stream) => {
        over = stream.over
        await never()
      },
      { signal: request.signal },
    )
    await reader.read()
    await settled()
    if (how.includes('cancels')) await reader.cancel()
    else request.abort()
    await settled()
    expect(over?.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })
})
