import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sequenceAxis, timeAxis } from '../../../src/explorer/views/conversation/spans/axis.ts'

const SECOND = 1_000_000
const HOUR = 3600 * SECOND
const label = (at: number) => `${at / SECOND}`
const at = (instant: number) => ({ seq: 1, at: instant })

describe('an axis of time', () => {
  it('draws to scale what has no long pause', () => {
    const axis = timeAxis([[0, 10 * SECOND]], 5, label)
    expect([0, 2.5 * SECOND, 10 * SECOND].map((one) => axis.share(at(one)))).toEqual([0, 0.25, 1])
    expect(axis.gaps).toEqual([])
    expect(axis.ticks.map(({ share, label }) => [share, label])).toEqual([
      [0, '0'],
      [0.2, '2'],
      [0.4, '4'],
      [0.6, '6'],
      [0.8, '8'],
      [1, '10'],
    ])
  })

  it('cuts hours of silence short and says how long they were', () => {
    const axis = timeAxis(
      [
        [0, 10 * SECOND],
        [HOUR, HOUR + 10 * SECOND],
      ],
      6,
      label,
    )
    expect(axis.gaps).toHaveLength(1)
    const [gap] = axis.gaps
    expect(gap?.micros).toBe(HOUR - 10 * SECOND)
    expect((gap?.to ?? 0) - (gap?.from ?? 0)).toBeLessThan(0.1)
    expect(axis.share(at(HOUR))).toBe(gap?.to)
    expect(axis.ticks.map((tick) => tick.label)).toContain('3600')
  })

  it('leaves most of its length to what happened, however many pauses there are', () => {
    const runs = Array.from({ length: 500 }, (_, run) => [run * HOUR, run * HOUR + 8 * SECOND] as const)
    const idle = timeAxis(runs, 8, label).gaps.reduce((sum, { from, to }) => sum + to - from, 0)
    expect(idle).toBeLessThan(0.25)
  })

  it('ends at 1, whatever the rounding', () => {
    const [early, late] = [1_932_097_669, 2_048_023_530]
    const { ticks } = timeAxis(
      [
        [0, early],
        [late, late],
      ],
      1,
      label,
    )
    expect(Math.max(...ticks.map(({ share }) => share))).toBe(1)
  })

  it('keeps the order of instants and stays between 0 and 1', () => {
    const interval = fc
      .tuple(fc.integer({ min: 0, max: 10 * HOUR }), fc.integer({ min: 0, max: HOUR }))
      .map(([from, length]) => [from, from + length] as const)
    fc.assert(
      fc.property(
        fc.array(interval, { maxLength: 20 }),
        fc.array(fc.integer({ min: -HOUR, max: 12 * HOUR }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 10 }),
        (intervals, instants, maxTicks) => {
          const axis = timeAxis(intervals, maxTicks, label)
          const shares = instants.toSorted((a, b) => a - b).map((one) => axis.share(at(one)))
          expect(shares).toEqual(shares.toSorted((a, b) => a - b))
          for (const share of [...shares, ...axis.ticks.map((tick) => tick.share)]) {
            expect(share).toBeGreaterThanOrEqual(0)
            expect(share).toBeLessThanOrEqual(1)
          }
          // Ten percent closer than asked for, and one more for the first.
          expect(axis.ticks.length).toBeLessThanOrEqual(Math.ceil(maxTicks / 0.9) + 1)
        },
      ),
    )
  })
})

describe('an axis of the order of recording', () => {
  it('goes by seq alone', () => {
    const axis = sequenceAxis(1, 101, 5)
    expect(axis.share({ seq: 51, at: 0 })).toBe(0.5)
    expect(axis.ticks.map((tick) => tick.label)).toEqual(['#20', '#40', '#60', '#80', '#100'])
  })
})
