import { finish, stepA, stepB } from './digest-mix.ts'
import { unexpected } from './slice-failure.ts'
import { FAILED, HASH_A, HASH_B, lastWord, OUT, type Scan } from './slice-string.ts'

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const LETTER_E = 0x65

// `true`, `null` and the `alse` of `false`, as four bytes read at once.
const TRUE = 0x65757274
const NULL = 0x6c6c756e
const ALSE = 0x65736c61
const LETTER_F = 0x66

const LITERAL_A = 0x6c6974
const LITERAL_B = 0x4c4954
const NUMBER_A = 0x6e756d
const NUMBER_B = 0x4e554d

/** Scans a number, `true`, `false` or `null` to the position after it, or `FAILED`; leaves its digest in `OUT`. */
export function scanScalar(scan: Scan, pos: number, end: number, first: number): number {
  if (first === MINUS || (first >= ZERO && first <= NINE)) return scanNumber(scan, pos, end)
  const word = lastWord(scan.view, pos, end)
  if (word === TRUE || word === NULL) return literal(word, pos + 4)
  if (first === LETTER_F && lastWord(scan.view, pos + 1, end) === ALSE) return literal(ALSE, pos + 5)
  scan.fault = unexpected(scan.body, pos, end, 'a JSON value')
  return FAILED
}

function literal(word: number, after: number): number {
  OUT[HASH_A] = finish(stepA(LITERAL_A, word))
  OUT[HASH_B] = finish(stepB(LITERAL_B, word))
  return after
}

/** A number is hashed as it is written: 1, 1.0 and 1e0 have three digests. */
function scanNumber(scan: Scan, start: number, end: number): number {
  const { body, view } = scan
  let pos = start
  if (body[pos] === MINUS) pos++
  let after = digitsEnd(body, pos, end)
  if (body[pos] === ZERO && after > pos) after = pos + 1
  if (after > pos && after < end && body[after] === POINT) {
    pos = after + 1
    after = digitsEnd(body, pos, end)
  }
  if (after > pos && after < end && ((body[after] as number) | 0x20) === LETTER_E) {
    pos = after + 1
    if (pos < end && (body[pos] === MINUS || body[pos] === 0x2b)) pos++
    after = digitsEnd(body, pos, end)
  }
  if (after === pos) {
    scan.fault = unexpected(body, pos, end, 'a digit of a number')
    return FAILED
  }
  let a = NUMBER_A
  let b = NUMBER_B
  for (pos = start; pos < after; pos += 4) {
    const word = lastWord(view, pos, after)
    a = stepA(a, word)
    b = stepB(b, word)
  }
  OUT[HASH_A] = finish(a ^ (after - start))
  OUT[HASH_B] = finish(b ^ (after - start))
  return after
}

function digitsEnd(body: Uint8Array, from: number, end: number): number {
  let pos = from
  while (pos < end && (body[pos] as number) >= ZERO && (body[pos] as number) <= NINE) pos++
  return pos
}
