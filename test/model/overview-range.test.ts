import { describe, expect, it } from 'vitest'
import { activityRange, overviewRange } from '../../src/model/overview-range.ts'

const NOW = Date.UTC(2026, 0, 31, 12, 0, 30, 500)

const range = (since: string, until: string) => ({ outcome: 'range', range: { since, until } })

describe('the range of an overview', () => {
  it('is the last hour unless it is given', () => {
    expect(overviewRange({}, NOW)).toEqual(range('2026-01-31T11:00:30.500Z', '2026-01-31T12:00:30.500Z'))
    expect(overviewRange({ until: '2026-01-15T10:00:00.000001Z' }, NOW)).toEqual(
      range('2026-01-15T09:00:00.000001Z', '2026-01-15T10:00:00.000001Z'),
    )
    expect(overviewRange({ since: '2026-01-31T12:00:00Z' }, NOW)).toEqual(
      range('2026-01-31T12:00:00.000Z', '2026-01-31T12:00:30.500Z'),
    )
  })

  it('has at most 31 days, and an instant at least', () => {
    const until = '2026-02-01T00:00:00Z'
    expect(overviewRange({ since: '2026-01-01T00:00:00Z', until }, NOW).outcome).toBe('range')
    const tooLarge = { outcome: 'too-large', limit: 'range_days', maximum: 31 }
    expect(overviewRange({ since: '2025-12-31T23:59:59.999999Z', until }, NOW)).toEqual(tooLarge)
    expect(overviewRange({ since: until, until }, NOW)).toEqual({ outcome: 'empty' })
    expect(overviewRange({ since: '2027-01-01T00:00:00Z' }, NOW)).toEqual({ outcome: 'empty' })
  })

  it('stays within the years that timestamps have', () => {
    const first = '0001-01-01T00:00:10Z'
    expect(overviewRange({ until: first }, NOW)).toEqual(range('0001-01-01T00:00:00.000Z', '0001-01-01T00:00:10.000Z'))
    expect(activityRange({ since: '9999-12-31T23:00:00Z', until: '9999-12-31T23:59:59Z' }, NOW)).toMatchObject({
      range: { until: '9999-12-31T23:59:59.999Z' },
    })
  })
})

describe('the range of activity', () => {
  const activity = (since: string, until: string, step?: number) => activityRange({ since, until, step }, NOW)

  it('has whole minutes', () => {
    expect(activity('2026-01-15T10:00:59Z', '2026-01-15T10:02:00.000001Z')).toEqual({
      outcome: 'range',
      range: { since: '2026-01-15T10:00:00.000Z', until: '2026-01-15T10:03:00.000Z', step: 60 },
    })
    expect(activity('2026-01-15T10:01:00Z', '2026-01-15T10:02:00Z')).toMatchObject({
      range: { since: '2026-01-15T10:01:00.000Z', until: '2026-01-15T10:02:00.000Z' },
    })
  })

  it('has the shortest step with no more than 1,500 points', () => {
    const steps = [
      '2026-01-01T01:00:00Z',
      '2026-01-02T01:00:00Z',
      '2026-01-02T01:01:00Z',
      '2026-01-07T00:00:00Z',
      '2026-02-01T00:00:00Z',
    ]
    const chosen = steps.map((until) => activity('2026-01-01T00:00:00Z', until))
    expect(chosen).toMatchObject([60, 60, 300, 900, 3600].map((step) => ({ range: { step } })))
  })

  it('has no more points whatever step is asked for', () => {
    const tooLarge = { outcome: 'too-large', limit: 'activity_points', maximum: 1500 }
    expect(activity('2026-01-01T00:00:00Z', '2026-01-02T01:00:00Z', 60)).toMatchObject({ range: { step: 60 } })
    expect(activity('2026-01-01T00:00:00Z', '2026-01-02T01:00:01Z', 60)).toEqual(tooLarge)
    // Five minutes and a second less touch one step more.
    expect(activity('2026-01-01T00:04:00Z', '2026-01-06T05:01:00Z', 300)).toEqual(tooLarge)
  })
})
