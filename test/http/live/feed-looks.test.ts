import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FeedLooks, LOOK_INTERVAL_MS, SHORTEST_LOOK_MS, SPREAD_MS } from '../../../src/http/live/feed-looks.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A reader that looks whenever it may, and the times at which it did. */
function looking(random = 0) {
  const looks = new FeedLooks({ now: Date.now, random: () => random })
  const start = Date.now()
  const at: number[] = []
  const over = (async () => {
    while (await looks.next()) at.push(Date.now() - start)
  })()
  return { looks, at, over }
}

describe('a reader of a live feed', () => {
  it('looks by itself now and then', async () => {
    const { at } = looking()
    await vi.advanceTimersByTimeAsync(3 * LOOK_INTERVAL_MS)
    expect(at).toEqual([1, 2, 3].map((n) => n * LOOK_INTERVAL_MS))
  })

  it('looks at once on news after a rest, and puts off the look of its own', async () => {
    const { looks, at } = looking()
    await vi.advanceTimersByTimeAsync(5_000)
    looks.news()
    await vi.advanceTimersByTimeAsync(LOOK_INTERVAL_MS)
    expect(at).toEqual([5_000, 5_000 + LOOK_INTERVAL_MS])
  })

  it('looks four times a second while news keeps coming, and once more behind the last', async () => {
    const { looks, at } = looking()
    for (let i = 0; i < 100; i += 1) {
      looks.news(1)
      await vi.advanceTimersByTimeAsync(10)
    }
    await vi.advanceTimersByTimeAsync(1_000)
    expect(at).toEqual([1, 2, 3, 4].map((n) => n * SHORTEST_LOOK_MS))
    looks.news()
    await vi.advanceTimersByTimeAsync(0)
    expect(at).toHaveLength(5)
  })

  it('spreads the looks of many readers, but not those of their own', async () => {
    const { looks, at } = looking(0.5)
    await vi.advanceTimersByTimeAsync(1_000)
    looks.news(201)
    await vi.advanceTimersByTimeAsync(LOOK_INTERVAL_MS)
    const first = 1_000 + 100 * SPREAD_MS
    expect(at).toEqual([first])
    await vi.advanceTimersByTimeAsync(first)
    expect(at).toEqual([first, first + LOOK_INTERVAL_MS])
  })

  it('looks again after a given time, once, whatever it hears before', async () => {
    const { looks, at } = looking()
    looks.after(2_000)
    await vi.advanceTimersByTimeAsync(1_000)
    looks.news()
    await vi.advanceTimersByTimeAsync(LOOK_INTERVAL_MS)
    expect(at).toEqual([1_000, 2_000])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(at).toEqual([1_000, 2_000, 2_000 + LOOK_INTERVAL_MS])
  })

  it('stops when its stream is over, whatever it waits for', async () => {
    const resting = looking()
    resting.looks.end()
    await resting.over
    const pausing = looking()
    pausing.looks.news(500)
    pausing.looks.end()
    await pausing.over
    expect([...resting.at, ...pausing.at]).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})
