import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareInstants, microsBetween, toInstant, toUtcTimestamp } from '../../src/model/timestamp.ts'

describe('toUtcTimestamp', () => {
  it.each([
    ['2025-08-28T10:40:11.078102+00:00', '2025-08-28T10:40:11.078102Z'],
    ['2025-08-28T10:40:11+00:00', '2025-08-28T10:40:11Z'],
    ['2025-08-28T10:40:11.5', '2025-08-28T10:40:11.5Z'],
    ['2025-08-28T10:40:11.123456789Z', '2025-08-28T10:40:11.123456Z'],
    ['2025-01-01T01:30:00.000001+02:00', '2024-12-31T23:30:00.000001Z'],
    ['2024-02-28T23:59:59.999999-05:30', '2024-02-29T05:29:59.999999Z'],
    ['2025-08-28T10:40:11.100000+0530', '2025-08-28T05:10:11.100000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['0099-03-01T00:00:00+01:00', '0099-02-28T23:00:00Z'],
    ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
  ])('turns %s into %s', (text, utc) => {
    expect(toUtcTimestamp(text)).toBe(utc)
  })

  it.each([
    '',
    '2025-08-28',
    '2025-08-28 10:40:11Z',
    '2025-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-00-01T00:00:00Z',
    '2025-04-31T00:00:00Z',
    '2025-01-01T24:00:00Z',
    '2025-01-01T00:60:00Z',
    '2025-01-01T00:00:60Z',
    '2025-01-01T00:00:00.1234567890Z',
    '2025-01-01T00:00:00.Z',
    '2025-01-01T00:00:00+24:00',
    '2025-01-01T00:00:00+01:60',
    '0000-12-31T00:00:00Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '+12025-01-01T00:00:00Z',
    '2025-01-01T00:00:00Z\n',
    '٢٠٢٥-01-01T00:00:00Z',
  ])('refuses %j', (text) => {
    expect(toUtcTimestamp(text)).toBeNull()
  })

  it('names the instant that JavaScript reads, for every offset', () => {
    const date = fc.date({ min: new Date('0002-01-01T00:00:00Z'), max: new Date('9998-12-31T00:00:00Z'), noInvalidDate: true })
    fc.assert(
      fc.property(date, fc.integer({ min: -1439, max: 1439 }), (at, offset) => {
        const size = Math.abs(offset)
        const zone = `${offset < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
        const text = `${at.toISOString().slice(0, -1)}${zone}`
        expect(toUtcTimestamp(text)).toBe(new Date(text).toISOString())
      }),
    )
  })
})

describe('toInstant', () => {
  it('keeps microseconds, where the number of digits differs too', () => {
    const first = toInstant('2025-01-01T00:00:00Z')
    const second = toInstant('2025-01-01T00:00:00.5Z')
    const third = toInstant('2025-01-01T00:00:01.000001Z')
    if (!first || !second || !third) throw new Error('Every text is a timestamp')
    expect(compareInstants(first, second)).toBeLessThan(0)
    expect(compareInstants(third, second)).toBeGreaterThan(0)
    expect(microsBetween(second, third)).toBe(500_001)
  })

  it('counts backwards before 1970', () => {
    expect(toInstant('1969-12-31T23:59:59.250000Z')).toEqual({ seconds: -1, micros: 250_000 })
  })
})

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
