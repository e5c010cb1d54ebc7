/** Milliseconds; whoever asks for more has a wrong clock or no idea. */
const LONGEST_BELIEVED = 24 * 3600 * 1000

/**
 * Milliseconds from `now` (Unix ms) that a `Retry-After` header asks for, as seconds or as an HTTP date: RFC 9110, section
 * 10.2.3. Null when it asks for nothing that can be read, or for more than a day.
 */
export function readRetryAfter(header: string | null, now: number): number | null {
  const text = header?.trim() ?? ''
  // A date begins with the name of its day; Date.parse takes many a number for a year.
  const isDate = /^[A-Z][a-z]{2,8},? /.test(text)
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : isDate ? Math.max(Date.parse(text) - now, 0) : Number.NaN
  return ms <= LONGEST_BELIEVED ? ms : null
}
