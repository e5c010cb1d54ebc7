import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { delayBeforeRepeat } from '../../src/model/retry.ts'

const POLICY = { attempts: 4, firstDelayMs: 100, longestDelayMs: 300, budgetMs: 1_000 }

describe('the delay before a repeat', () => {
  it('is drawn from nothing up to a bound that doubles until its limit', () => {
    const bounds = [1, 2, 3].map((failed) => [0, 0.5, 1].map((random) => delayBeforeRepeat(POLICY, failed, 0, undefined, random)))
    expect(bounds).toEqual([
      [0, 50, 100],
      [0, 100, 200],
      [0, 150, 300],
    ])
  })

  it('is what the service asks for at least', () => {
    expect(delayBeforeRepeat(POLICY, 1, 0, 700, 1)).toBe(700)
    expect(delayBeforeRepeat(POLICY, 1, 0, 20, 1)).toBe(100)
  })

  it.each([
    ['the tries are used up', 4, 0, undefined],
    ['the budget is', 1, 950, undefined],
    ['the service asks for more than is left of it', 1, 500, 501],
  ])('is none when %s', (_, failed, elapsed, retryAfter) => {
    expect(delayBeforeRepeat(POLICY, failed, elapsed, retryAfter, 1)).toBeNull()
  })

  it('stays within its bounds and the budget', () => {
    const policies = fc.record({
      attempts: fc.integer({ min: 1, max: 20 }),
      firstDelayMs: fc.integer({ min: 1, max: 500 }),
      longestDelayMs: fc.integer({ min: 1, max: 5_000 }),
      budgetMs: fc.integer({ min: 0, max: 60_000 }),
    })
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 20 }), fc.nat(60_000), random, (policy, failed, elapsed, share) => {
        const delay = delayBeforeRepeat(policy, failed, elapsed, undefined, share)
        if (delay === null) return
        expect(failed).toBeLessThan(policy.attempts)
        expect(delay).toBeLessThanOrEqual(policy.longestDelayMs)
        expect(delay).toBeLessThanOrEqual(policy.firstDelayMs * 2 ** (failed - 1))
        expect(elapsed + delay).toBeLessThanOrEqual(policy.budgetMs)
      }),
    )
  })
})
