import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { EventPersistenceError } from '../../../src/client/index.ts'
import { problem, type Step, status } from '../scripted-fetch.ts'
import { errorMessage, item, items, liveStore, stream, take, upToDate } from './streams.ts'

const RETRY = { firstDelayMs: 100, longestDelayMs: 400, attempts: 2, budgetMs: 1 }

describe('a live read whose stream ends', () => {
  it('goes on behind the last event, at once', async () => {
    const { store, lastIds, timing } = liveStore([stream(items(1, 2)), stream(items(3)), stream(items(4), 'stay')])
    expect(await take(store.live('c'), 4)).toEqual([1, 2, 3, 4])
    expect(lastIds()).toEqual([null, '2', '3'])
    expect(timing.waits).toEqual([])
  })

  it('goes on behind it after a lost connection, too, within a moment', async () => {
    const { store, lastIds, timing } = liveStore([stream(items(1, 2), 'break'), stream(items(3), 'stay')], { retry: RETRY })
    expect(await take(store.live('c'), 3)).toEqual([1, 2, 3])
    expect(lastIds()).toEqual([null, '2'])
    expect(timing.waits).toEqual([100])
  })

  it('goes on where the service says that it stood, though no event of the filtered feed came', async () => {
    const { store, lastIds } = liveStore([stream(`id: 70\n${upToDate('70')}`, 'break'), stream(items(71), 'stay')])
    expect(await take(store.liveEvents({ eventType: 'NodeInvoke' }), 1)).toEqual([71])
    expect(lastIds()).toEqual([null, '70'])
  })

  it('keeps the place of an earlier connection over one that brings nothing', async () => {
    const { store, lastIds } = liveStore([stream(items(1)), stream(upToDate('1')), stream(items(2), 'stay')])
    expect(await take(store.live('c'), 2)).toEqual([1, 2])
    expect(lastIds()).toEqual([null, '1', '1'])
  })

  it('begins where it was told to until there is an event', async () => {
    const { store, calls, lastIds } = liveStore([stream(''), 'cut', stream(items(8), 'stay')])
    expect(await take(store.live('c', { after: 7 }), 1)).toEqual([8])
    expect(calls.every(({ url }) => url.endsWith('/live?after=7'))).toBe(true)
    expect(lastIds()).toEqual([null, null, null])
  })

  it('gives no event twice, whatever the service repeats', async () => {
    const { store } = liveStore([stream(items(1, 2, 2, 1), 'break'), stream(items(1, 2, 3, 2, 4), 'stay')])
    expect(await take(store.live('c'), 4)).toEqual([1, 2, 3, 4])
  })

  it('gives what is recorded after a clearing, which counts from 1 again', async () => {
    const later = (seq: number) => item(seq, { recorded_at: `2026-02-01T00:00:00.00${seq}Z` })
    const { store } = liveStore([stream(items(1, 2, 3) + later(1) + later(2)), stream(later(2) + later(3), 'stay')])
    expect(await take(store.live('c'), 6)).toEqual([1, 2, 3, 1, 2, 3])
  })

  it('gives every event once and in order, wherever streams break off and however much they repeat', async () => {
    const last = 12
    const connection = fc.record({
      back: fc.nat(3),
      length: fc.nat(6),
      repeats: fc.boolean(),
      ending: fc.constantFrom('end' as const, 'break' as const),
      cut: fc.nat(300),
      sizes: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(connection, fc.constantFrom<Step>('cut', status(503), status(429)))), async (course) => {
        let next = 0
        let reached = 0
        const steps: Step[] = course.map((one) => {
          if (typeof one !== 'object') return one
          return () => {
            const from = Math.max(reached - one.back, 0) + 1
            const seqs = Array.from({ length: one.length }, (_, i) => from + i).filter((seq) => seq <= last)
            const text = seqs.map((seq) => item(seq) + (one.repeats ? item(seq) : '')).join('')
            return stream(text.slice(0, text.length - one.cut), one.ending, { sizes: one.sizes })()
          }
        })
        const { store, calls } = liveStore([...steps, stream(items(...Array.from({ length: last }, (_, i) => i + 1)), 'stay')])
        const seqs: number[] = []
        for await (const { seq } of store.live('c')) {
          seqs.push(seq)
          reached = seq
          expect(seq).toBe(++next)
          if (seq === last) break
        }
        expect(calls.length).toBeLessThanOrEqual(course.length + 1)
      }),
      { numRuns: 100 },
    )
  })
})

describe('the delay before a stream is opened again', () => {
  it('grows with every failure up to its bound, for ever, and begins anew once something came', async () => {
    const cuts = Array<Step>(40).fill('cut')
    const { store, timing } = liveStore([...cuts, stream(upToDate('0'), 'break'), 'cut', stream(items(1), 'stay')], {
      retry: RETRY,
    })
    expect(await take(store.live('c'), 1)).toEqual([1])
    expect(timing.waits).toEqual([100, 200, ...Array(38).fill(400), 100, 200])
  })

  it('is drawn at random', async () => {
    const { store, timing } = liveStore(['cut', stream(items(1), 'stay')], { retry: RETRY })
    Object.assign(timing, { random: () => 0.25 })
    await take(store.live('c'), 1)
    expect(timing.waits).toEqual([25])
  })

  it('is there, too, where streams end at once and bring no event', async () => {
    const ends = Array<Step>(3).fill(stream(''))
    const { store, timing } = liveStore([...ends, stream(upToDate('0')), stream(items(1), 'stay')], { retry: RETRY })
    await take(store.live('c'), 1)
    expect(timing.waits).toEqual([100, 200, 400, 100])
  })

  it('is none where a stream without events lasted', async () => {
    const { store, timing } = liveStore([stream(''), stream(items(1), 'stay')], { retry: RETRY })
    let now = 0
    Object.assign(timing, { now: () => (now += 1_000) })
    await take(store.live('c'), 1)
    expect(timing.waits).toEqual([])
  })

  it('has the bound that the service asks for where that is longer, up to the longest', async () => {
    for (const [retryMs, waits] of [
      [50, [100, 200]],
      [300, [300, 400]],
      [9e9, [400, 400]],
    ] as const) {
      const { store, timing } = liveStore([stream(`retry: ${retryMs}\n\n`, 'break'), 'cut', stream(items(1), 'stay')], {
        retry: RETRY,
      })
      await take(store.live('c'), 1)
      expect(timing.waits).toEqual(waits)
    }
  })

  it('is as long as the service says with a refusal', async () => {
    const { store, timing } = liveStore([status(429, { 'Retry-After': '7' }), stream(items(1), 'stay')], { retry: RETRY })
    await take(store.live('c'), 1)
    expect(timing.waits).toEqual([7_000])
  })
})

describe('a live read that fails', () => {
  it.each([408, 425, 429, 500, 502, 503, 504, 522])('with status %i goes on', async (code) => {
    const failures: EventPersistenceError[] = []
    const { store } = liveStore([status(code), stream(items(1), 'stay')])
    expect(await take(store.live('c', { onRetry: (failure) => failures.push(failure) }), 1)).toEqual([1])
    expect(failures).toMatchObject([{ tag: 'event-persistence', operation: 'live', transient: true }])
  })

  it.each([400, 401, 403, 404, 405, 410, 422])('with status %i is over, for the reason that the service gives', async (code) => {
    const { store, calls } = liveStore([
      stream(items(1)),
      problem(code, 'a-kind', { errors: [{ path: 'after', message: 'is bad' }] }),
    ])
    const failing = take(store.live('c'), 2)
    await expect(failing).rejects.toMatchObject({
      tag: 'event-persistence',
      message: 'live failed. A title: A detail.',
      transient: false,
      kind: 'a-kind',
    })
    expect(calls).toHaveLength(2)
  })

  it.each([408, 429, 500, 503])('with a message of status %i goes on', async (code) => {
    const failures: string[] = []
    const { store, lastIds } = liveStore([stream(items(1) + errorMessage(code, 'a-kind') + items(9)), stream(items(2), 'stay')])
    expect(await take(store.live('c', { onRetry: ({ message }) => failures.push(message) }), 2)).toEqual([1, 2])
    expect(lastIds()[1]).toBe('1')
    expect(failures).toEqual(['live failed. A title: A detail.'])
  })

  it.each([403, 404, 422])('with a message of status %i is over, for the reason in it', async (code) => {
    const { store, calls } = liveStore([stream(items(1) + errorMessage(code, 'forbidden'), 'stay')])
    await expect(take(store.liveEvents(), 2)).rejects.toMatchObject({
      message: 'liveEvents failed. A title: A detail.',
      transient: false,
      kind: 'forbidden',
    })
    expect(calls).toHaveLength(1)
  })

  it('with a message that is no problem goes on', async () => {
    const { store } = liveStore([stream('event: error\ndata: oops\n\n'), stream(items(1), 'stay')])
    expect(await take(store.live('c'), 1)).toEqual([1])
  })

  it('tells the reader of a callback that throws', async () => {
    const { store, calls } = liveStore([stream(upToDate('0'), 'stay')])
    const onUpToDate = () => {
      throw new Error('my own')
    }
    await expect(take(store.live('c', { onUpToDate }), 1)).rejects.toThrow('my own')
    expect(calls).toHaveLength(1)
  })
})

describe('the token of a live read', () => {
  const keys = (calls: readonly { readonly headers: Headers }[]) => calls.map(({ headers }) => headers.get('Authorization'))

  it('is asked for anew with every connection', async () => {
    let given = 0
    const { store, calls } = liveStore([stream(items(1)), 'cut', stream(items(2), 'stay')], { apiKey: () => `t${++given}` })
    expect(await take(store.live('c'), 2)).toEqual([1, 2])
    expect(keys(calls)).toEqual(['Bearer t1', 'Bearer t2', 'Bearer t3'])
  })

  it('is asked for once more when the service does not take it, whenever it says so', async () => {
    let given = 0
    const expired = errorMessage(401, 'unauthenticated')
    const { store, calls } = liveStore([status(401), stream(items(1) + expired), status(401), stream(items(2), 'stay')], {
      apiKey: async () => `t${++given}`,
    })
    expect(await take(store.live('c'), 2)).toEqual([1, 2])
    expect(keys(calls)).toEqual(['Bearer t1', 'Bearer t2', 'Bearer t3', 'Bearer t4'])
  })

  it('that is never taken ends it', async () => {
    const { store, calls } = liveStore([stream(errorMessage(401, 'unauthenticated')), problem(401, 'unauthenticated')], {
      apiKey: () => 't',
    })
    await expect(take(store.live('c'), 1)).rejects.toMatchObject({ kind: 'unauthenticated', transient: false })
    expect(calls).toHaveLength(3)
  })

  it('is waited for where its function fails, as for the service', async () => {
    let asked = 0
    const apiKey = () => {
      asked += 1
      if (asked < 3) throw new Error('offline')
      return 't'
    }
    const onRetry = vi.fn()
    const { store } = liveStore([stream(items(1), 'stay')], { apiKey })
    expect(await take(store.live('c', { onRetry }), 1)).toEqual([1])
    expect(onRetry).toHaveBeenCalledTimes(2)
  })

  it('that no header can carry ends it', async () => {
    const { store, calls } = liveStore([stream(items(1), 'stay')], { apiKey: () => 'a\nb' })
    await expect(take(store.live('c'), 1)).rejects.toMatchObject({ transient: false })
    expect(calls).toEqual([])
  })
})
