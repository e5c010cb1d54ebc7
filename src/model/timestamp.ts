const ISO_8601 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d)(?::?(\d\d))?)?$/

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

/** What PostgreSQL's `timestamptz` holds: six digits after the second. */
const MICROSECOND_DIGITS = 6

/** The first and the last second of the years 0001 to 9999, in Unix seconds. */
const FIRST_SECOND = -62_135_596_800
const LAST_SECOND = 253_402_300_799

/** A point in time to the microsecond. One number could not hold it: the microseconds since 1970 pass 2^53 in the year 2255. */
export interface Instant {
  readonly seconds: number
  readonly micros: number
}

/**
 * Turns an ISO 8601 time into UTC with `Z` and at most microseconds, its digits otherwise as they were.
 * Takes `T`, a fraction of 1 to 9 digits, and `Z`, an offset or nothing (which means UTC, as in Python's naive `isoformat()`).
 * Null when the text is something else, is no real date, or lies outside the years 0001 to 9999.
 */
export function toUtcTimestamp(text: string): string | null {
  if (text !== lastText) {
    lastUtc = convert(text)
    lastText = text
  }
  return lastUtc
}

// An event's check and its head ask for the same text in turn, for every event that is recorded.
let lastText = ''
let lastUtc: string | null = null

function convert(text: string): string | null {
  const match = ISO_8601.exec(text)
  if (!match) return null
  const year = Number(match[1])
  const month = Number(match[2])
  const day = Number(match[3])
  if (year === 0 || day === 0 || day > daysInMonth(year, month)) return null
  if (Number(match[4]) > 23 || Number(match[5]) > 59 || Number(match[6]) > 59) return null
  const fraction = match[7] ? `.${match[7].slice(0, MICROSECOND_DIGITS)}` : ''
  const offsetHours = Number(match[9] ?? 0)
  const offsetMinutes = Number(match[10] ?? 0)
  if (offsetHours > 23 || offsetMinutes > 59) return null
  const local = text.slice(0, 19)
  if (offsetHours === 0 && offsetMinutes === 0) return `${local}${fraction}Z`
  const offset = (offsetHours * 60 + offsetMinutes) * 60 * (match[8] === '-' ? -1 : 1)
  const seconds = Date.parse(`${local}Z`) / 1000 - offset
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return null
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fraction}Z`
}

/** The instant that a timestamp names; null when `toUtcTimestamp` refuses it. */
export function toInstant(text: string): Instant | null {
  const utc = toUtcTimestamp(text)
  if (utc === null) return null
  const fraction = utc.slice(20, -1)
  return { seconds: Date.parse(`${utc.slice(0, 19)}Z`) / 1000, micros: Number(fraction.padEnd(MICROSECOND_DIGITS, '0')) }
}

/** Below zero when `a` is the earlier one, above when `b` is, else zero. */
export function compareInstants(a: Instant, b: Instant): number {
  return a.seconds - b.seconds || a.micros - b.micros
}

/** Microseconds from `start` to `end`. */
export function microsBetween(start: Instant, end: Instant): number {
  return (end.seconds - start.seconds) * 1_000_000 + (end.micros - start.micros)
}

function daysInMonth(year: number, month: number): number {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return leap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0)
}
