import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRetentionDays, retentionMarker } from '../../src/model/retention.ts'

const DAY_MS = 86_400_000

describe('a term', () => {
  it('is over at the end of a day in UTC', () => {
    const marker = (now: string) => new Date(retentionMarker(Date.parse(now), 30)).toISOString()
    expect(marker('2026-03-31T03:17:00.000Z')).toBe('2026-02-28T23:59:59.999Z')
    expect(marker('2026-03-31T00:00:00.000Z')).toBe('2026-02-28T23:59:59.999Z')
    expect(marker('2026-03-30T23:59:59.999Z')).toBe('2026-02-27T23:59:59.999Z')
  })

  it('is never shorter than it says, and longer by less than a day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 36_500 }), (now, days) => {
        const oldestKept = retentionMarker(now, days) + 1
        expect(now - oldestKept).toBeGreaterThanOrEqual(days * DAY_MS)
        expect(now - oldestKept).toBeLessThan((days + 1) * DAY_MS)
      }),
    )
  })

  it('is a whole number of days from 1 to 36,500', () => {
    for (const days of [1, 30, 36_500]) expect(isRetentionDays(days)).toBe(true)
    for (const days of [0, -1, 0.5, 36_501, Number.NaN, Number.POSITIVE_INFINITY]) expect(isRetentionDays(days)).toBe(false)
  })
})
