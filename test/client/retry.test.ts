import { describe, expect, it } from 'vitest'
import { delayBeforeRepeat } from '../../src/client/retry.ts'

const OPTIONS = { attempts: 4, firstDelayMs: 100, longestDelayMs: 300, budgetMs: 1_000 }

describe('the delay before a repeat', () => {
  it('is drawn from nothing up to a bound that doubles until its limit', () => {
    const bounds = [1, 2, 3].map((failed) =>
      [0, 0.5, 1].map((random) => delayBeforeRepeat(OPTIONS, failed, 0, undefined, random)),
    )
    expect(bounds).toEqual([
      [0, 50, 100],
      [0, 100, 200],
      [0, 150, 300],
    ])
  })

  it('is what the service asks for at least', () => {
    expect(delayBeforeRepeat(OPTIONS, 1, 0, 700, 1)).toBe(700)
    expect(delayBeforeRepeat(OPTIONS, 1, 0, 20, 1)).toBe(100)
  })

  it.each([
    ['the tries are used up', 4, 0, undefined],
    ['the budget is', 1, 950, undefined],
    ['the service asks for more than is left of it', 1, 500, 501],
  ])('is none when %s', (_, failed, elapsed, retryAfter) => {
    expect(delayBeforeRepeat(OPTIONS, failed, elapsed, retryAfter, 1)).toBeNull()
  })
})
