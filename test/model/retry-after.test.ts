import { expect, it } from 'vitest'
import { readRetryAfter } from '../../src/model/retry-after.ts'

const NOW = Date.UTC(2026, 0, 31, 12)

it.each([
  ['5', 5_000],
  [' 120 ', 120_000],
  ['0', 0],
  ['86400', 86_400_000],
  ['Sat, 31 Jan 2026 12:00:09 GMT', 9_000],
  ['Saturday, 31-Jan-26 12:00:09 GMT', 9_000],
  ['Sat, 31 Jan 2026 11:00:00 GMT', 0],
  ['Tue, 01 Jan 2126 00:00:00 GMT', null],
  ['2600000', null],
  ['9'.repeat(400), null],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
  ['Sat, 99 Jan 2026 12:00:09 GMT', null],
  ['', null],
  [null, null],
])('a Retry-After of %j asks for %j ms', (header, ms) => {
  expect(readRetryAfter(header, NOW)).toBe(ms)
})
