import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HttpEventStore } from '../../../src/client/index.ts'
import { REAL_TIMING } from '../../../src/model/timers.ts'
import { ScriptedFetch, type Step } from '../scripted-fetch.ts'
import { items, stream, take, upToDate } from './streams.ts'

type Live = ReturnType<HttpEventStore['live']>

const reason = new Error('enough')

/** What is under way while a reader waits. */
const STATES: [string, Step[]][] = [
  ['waits for an answer', ['silence']],
  ['waits for an event', [stream(upToDate('0'), 'stay')]],
  ['waits until it may try again', ['cut']],
]

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Time passes for promises, and a little for timers. */
const turn = () => vi.advanceTimersByTimeAsync(0)

function open(steps: readonly Step[], signal?: AbortSignal) {
  const { fetch, calls } = new ScriptedFetch(...steps)
  const options = { url: 'http://service.invalid', fetch, retry: { firstDelayMs: 5_000 } }
  const store = new HttpEventStore(options, { ...REAL_TIMING, random: () => 1 })
  const live = store.live('c', { signal })
  return { store, live, calls }
}

describe.each(STATES)('a live read that %s', (_, steps) => {
  async function waiting(signal?: AbortSignal) {
    const { store, live, calls } = open(steps, signal)
    const next = live.next()
    next.catch(() => {})
    await turn()
    return { store, live, calls, next }
  }

  it.each<[string, (live: Live, store: HttpEventStore) => Promise<unknown>]>([
    ['its reader returns', (live) => live.return()],
    ['it is disposed of', async (live) => live[Symbol.asyncDispose]()],
    ['the store is closed', (_live, store) => store.close()],
  ])('ends when %s, and leaves nothing behind', async (_how, end) => {
    const { live, store, calls, next } = await waiting()
    await end(live, store)
    expect(await next).toEqual({ done: true, value: undefined })
    expect(await live.next()).toEqual({ done: true, value: undefined })
    await vi.advanceTimersByTimeAsync(100_000)
    expect(vi.getTimerCount()).toBe(0)
    expect(calls).toHaveLength(1)
  })

  it('ends when its reader throws into it, which throws that, and leaves nothing behind', async () => {
    const { live, calls, next } = await waiting()
    await expect(live.throw(reason)).rejects.toBe(reason)
    expect(await next).toEqual({ done: true, value: undefined })
    expect(await live.next()).toEqual({ done: true, value: undefined })
    await vi.advanceTimersByTimeAsync(100_000)
    expect(vi.getTimerCount()).toBe(0)
    expect(calls).toHaveLength(1)
  })

  it('ends with the reason of a signal that aborts before the reader returns', async () => {
    const controller = new AbortController()
    const { live, next } = await waiting(controller.signal)
    controller.abort(reason)
    await live.return()
    await expect(next).rejects.toBe(reason)
  })

  it('ends with the reason of a signal that aborts, and leaves nothing behind', async () => {
    const controller = new AbortController()
    const { live, calls, next } = await waiting(controller.signal)
    controller.abort(reason)
    await expect(next).rejects.toBe(reason)
    expect(await live.next()).toEqual({ done: true, value: undefined })
    await vi.advanceTimersByTimeAsync(100_000)
    expect(vi.getTimerCount()).toBe(0)
    expect(calls).toHaveLength(1)
  })
})

describe('the connection of a live read', () => {
  function connected(signal?: AbortSignal) {
    let cancelled = 0
    const onCancel = () => {
      cancelled += 1
    }
    const opened = open([stream(items(1, 2), 'stay', { onCancel })], signal)
    return { ...opened, isOpen: () => cancelled === 0 }
  }

  it('is open while its reader is busy with an event', async () => {
    const { live, isOpen } = connected()
    await live.next()
    await vi.advanceTimersByTimeAsync(1_000_000)
    expect(isOpen()).toBe(true)
    expect((await live.next()).value).toMatchObject({ seq: 2 })
    await live.return()
  })

  it.each<[string, (live: Live) => Promise<unknown>]>([
    ['breaks off its loop', (live) => take(live, 1)],
    [
      'throws in its loop',
      (live) =>
        (async () => {
          for await (const _ of live) throw reason
        })().catch(() => {}),
    ],
    [
      'returns between two events',
      async (live) => {
        await live.next()
        await live.return()
      },
    ],
    [
      'throws into it between two events',
      async (live) => {
        await live.next()
        await expect(live.throw(reason)).rejects.toBe(reason)
      },
    ],
  ])('is closed at once when the reader %s', async (_, end) => {
    const { live, isOpen } = connected()
    await end(live)
    expect(isOpen()).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is closed at once when the signal aborts, though the reader asks for nothing more', async () => {
    const controller = new AbortController()
    const { live, isOpen } = connected(controller.signal)
    await live.next()
    controller.abort(reason)
    expect(isOpen()).toBe(false)
    await expect(live.next()).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is closed at once when the store is', async () => {
    const { live, store, isOpen } = connected()
    await live.next()
    await store.close()
    expect(isOpen()).toBe(false)
    expect((await live.next()).done).toBe(true)
  })

  it('is never opened for a reader that is not begun, or for a signal that has aborted', async () => {
    const { live, calls } = connected()
    await live.return()
    const aborted = connected(AbortSignal.abort(reason))
    await expect(aborted.live.next()).rejects.toBe(reason)
    expect([calls.length, aborted.calls.length]).toEqual([0, 0])
  })

  it('leaves nothing at a signal that outlives it', async () => {
    const controller = new AbortController()
    const [added, removed] = [vi.spyOn(controller.signal, 'addEventListener'), vi.spyOn(controller.signal, 'removeEventListener')]
    const { live } = connected(controller.signal)
    await take(live, 2)
    expect(added.mock.calls.length).toBeGreaterThan(0)
    expect(removed.mock.calls.length).toBeGreaterThanOrEqual(added.mock.calls.length)
  })
})

describe('a connection on which nothing comes', () => {
  it('counts as lost after three heartbeats, and as alive while these come', async () => {
    let beat = () => {}
    let cancelled = false
    const beating = () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            beat = () => controller.enqueue(new TextEncoder().encode(': heartbeat\n\n'))
          },
          cancel() {
            cancelled = true
          },
        }),
        { headers: { 'Content-Type': 'text/event-stream' } },
      )
    const { live, calls } = open([beating, stream(items(1), 'stay')])
    const next = live.next()
    for (let beats = 0; beats < 10; beats++) {
      await vi.advanceTimersByTimeAsync(40_000)
      beat()
    }
    await vi.advanceTimersByTimeAsync(44_000)
    expect([calls.length, cancelled]).toEqual([1, false])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(cancelled).toBe(true)
    await vi.advanceTimersByTimeAsync(5_000)
    expect((await next).value).toMatchObject({ seq: 1 })
    expect(calls).toHaveLength(2)
    await live.return()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('from the beginning counts as lost after the time for one try', async () => {
    const { live, calls } = open(['silence', stream(items(1), 'stay')])
    const next = live.next()
    await vi.advanceTimersByTimeAsync(36_000)
    expect((await next).value).toMatchObject({ seq: 1 })
    expect(calls[0]?.init.signal?.aborted).toBe(true)
    await live.return()
  })
})
