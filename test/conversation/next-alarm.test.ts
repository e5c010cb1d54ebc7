import { describe, expect, it } from 'vitest'
import { type AlarmInput, isTrimDue, nextAlarm, ringsInTime } from '../../src/conversation/next-alarm.ts'

const DAY = 86_400_000
const clean: AlarmInput = {
  head_seq: 10,
  persisted_seq: 10,
  trimmed_through: 0,
  notices: 0,
  last_at: 1_000_000,
  now: 2_000_000,
  hot_retention_ms: 7 * DAY,
}
const dirty = { ...clean, persisted_seq: 9 }

describe('the next alarm', () => {
  it.each([
    [0, 10],
    [1, 10],
    [2, 20],
    [3, 40],
    [4, 60],
    [5, 60],
    [2000, 60],
  ])('after %d notices in vain comes in %d seconds', (notices, seconds) => {
    expect(nextAlarm({ ...dirty, notices })).toBe(dirty.now + seconds * 1000)
  })

  it('of a conversation that is all persisted comes when it has been idle for the hot retention', () => {
    expect(nextAlarm(clean)).toBe(clean.last_at + 7 * DAY)
  })

  it('comes now when that is over already', () => {
    const now = clean.last_at + 8 * DAY
    expect(nextAlarm({ ...clean, now })).toBe(now)
  })

  it('never comes once all is trimmed, or when there is nothing', () => {
    expect(nextAlarm({ ...clean, trimmed_through: 10 })).toBeNull()
    expect(nextAlarm({ ...clean, head_seq: 0, persisted_seq: 0 })).toBeNull()
  })
})

describe('trimming', () => {
  const due = { ...clean, now: clean.last_at + 7 * DAY }

  it('is due when all is persisted and the retention is over', () => {
    expect(isTrimDue(due)).toBe(true)
    expect(isTrimDue({ ...due, trimmed_through: 9 })).toBe(true)
  })

  it.each([
    ['a moment too early', { now: due.now - 1 }],
    ['with an event that is not persisted', { persisted_seq: 9 }],
    ['of what is trimmed already', { trimmed_through: 10 }],
  ])('is not due %s', (_, change) => {
    expect(isTrimDue({ ...due, ...change })).toBe(false)
  })
})

describe('an alarm that is set', () => {
  it.each([
    [null, false],
    [999, false],
    [1_000, false],
    [1_001, true],
    [11_000, true],
    [11_001, false],
  ])('for %s rings in time at 1,000 to repeat a notice: %s', (at, inTime) => {
    expect(ringsInTime(at, 1_000)).toBe(inTime)
  })
})
