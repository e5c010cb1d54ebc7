import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoformat, newId, nowMicros } from '../../src/model/event-clock.ts'
import { toInstant } from '../../src/model/timestamp.ts'

/** The year 2200, in microseconds since 1970: safe integers end later. */
const YEAR_2200 = 7_258_118_400_000_000

describe('the clock of new events', () => {
  it('writes a time that is read back to the microsecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: YEAR_2200 }), (micros) => {
        const instant = toInstant(isoformat(micros))
        expect(instant && instant.seconds * 1_000_000 + instant.micros).toBe(micros)
      }),
    )
  })

  it('leaves out a fraction of zero, as Python does', () => {
    expect(isoformat(1_756_377_611_000_000)).toBe('2025-08-28T10:40:11+00:00')
    expect(isoformat(1_756_377_611_000_001)).toBe('2025-08-28T10:40:11.000001+00:00')
  })

  it('rises with every call, and tells the present', () => {
    const times = Array.from({ length: 1_000 }, nowMicros)
    expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? time))).toBe(true)
    expect(Math.abs((times[0] ?? 0) / 1000 - Date.now())).toBeLessThan(60_000)
  })

  it('comes with ids that are new every time', () => {
    expect(new Set(Array.from({ length: 1_000 }, newId)).size).toBe(1_000)
  })
})
