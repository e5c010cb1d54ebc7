import { describe, expect, it } from 'vitest'
import { retryAfterSeconds, retryDelaySeconds } from '../../src/segment/retry-delay.ts'
import { read } from '../docs/markdown.ts'

const NOW = Date.UTC(2026, 0, 1)

describe('when an event is sent to Segment again', () => {
  it.each([
    [1, null, 1],
    [2, null, 2],
    [5, null, 16],
    [12, null, 2048],
    [13, null, 3600],
    [100, null, 3600],
    [1, 30, 30],
    [7, 30, 64],
    [1, 0, 1],
    [1, 1e9, 43_200],
  ])('after %d deliveries, Segment asking for %s seconds: in %d seconds', (attempts, asked, seconds) => {
    expect(retryDelaySeconds(attempts, asked)).toBe(seconds)
  })

  it('has its last retry before the queue drops a message after four days', () => {
    const [, retries = ''] = /queue = "edge-event-store-segment"\n.*\n.*\nmax_retries = (\d+)/.exec(read('wrangler.toml')) ?? []
    const delays = Array.from({ length: Number(retries) }, (_, i) => retryDelaySeconds(i + 1, null))
    const days = delays.reduce((sum, delay) => sum + delay, 0) / 86_400
    expect(days).toBeGreaterThan(2)
    expect(days).toBeLessThan(4)
  })
})

describe('the Retry-After header', () => {
  it.each([
    ['5', 5],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30],
    ['soon', null],
    [null, null],
  ])('%j asks for %s seconds', (header, seconds) => {
    expect(retryAfterSeconds(header, NOW)).toBe(seconds)
  })

  it('with a part of a second asks for the whole one', () => {
    expect(retryAfterSeconds('Thu, 01 Jan 2026 00:00:30 GMT', NOW + 1)).toBe(30)
  })
})
