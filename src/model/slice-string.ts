import { finish, stepA, stepB } from './digest-mix.ts'
import { type Fault, malformed } from './slice-failure.ts'

/** The bytes under the scanner, and what it has found out beside the position it returns. */
export interface Scan {
  readonly body: Uint8Array
  readonly view: DataView
  /** Set when a scanning function has returned `FAILED`. */
  fault: Fault | null
  /** The value may break a rule on member names; `findNameFault` gives the exact answer. */
  suspect: boolean
}

export const FAILED = -1

/**
 * Results of the latest token: its hash in both lanes, and all bytes of all strings so far, or-ed together.
 * A typed array, because an integer beyond 31 bits in a variable or a member costs an allocation in workerd.
 */
export const OUT = new Int32Array(3)
export const HASH_A = 0
export const HASH_B = 1
export const SEEN_BYTES = 2

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LETTER_U = 0x75
const SEED_A = 0x737472
const SEED_B = 0x535452

export function newScan(body: Uint8Array): Scan {
  OUT[SEEN_BYTES] = 0
  return { body, view: new DataView(body.buffer, body.byteOffset, body.byteLength), fault: null, suspect: false }
}

/** Up to four bytes, the first in the lowest position; zeros stand for what lies beyond `end`. */
export function lastWord(view: DataView, pos: number, end: number): number {
  let word = 0
  for (let i = Math.min(end, pos + 4) - 1; i >= pos; i--) word = (word << 8) | view.getUint8(i)
  return word
}

/**
 * Marks the bytes of a word that end a run of plain string bytes: a quote, a backslash or a control character, in the byte's top
 * bit. The lowest mark is exact, those above it may be false (the usual borrow of "has a zero byte" tests).
 */
function specials(word: number): number {
  const quote = word ^ 0x22222222
  const backslash = word ^ 0x5c5c5c5c
  return (((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash) | ((word - 0x20202020) & ~word)) & 0x80808080
}

function firstMark(marks: number): number {
  // Shifted right first: the negation of the sign bit alone would not be a 32-bit integer.
  const low = marks >>> 7
  return (31 - Math.clz32(low & -low)) >> 3
}

/**
 * Scans a string from the byte after its opening quote to the byte after its closing one, or `FAILED`. Its hash is over the UTF-8
 * bytes of what it means, so that `A` and `\u0041` are the same; a lone surrogate counts as the three bytes UTF-8 would give it.
 */
export function scanString(scan: Scan, start: number, end: number): number {
  const view = scan.view
  let a = SEED_A
  let b = SEED_B
  let pos = start
  let seen = 0
  for (;;) {
    const word = pos + 4 <= end ? view.getInt32(pos, true) : lastWord(view, pos, end)
    const marks = specials(word)
    seen |= word
    if (marks !== 0) {
      OUT[SEEN_BYTES] = (OUT[SEEN_BYTES] as number) | seen
      const plain = firstMark(marks)
      const bits = plain << 3
      const rest = word & ((1 << bits) - 1)
      pos += plain
      if (((word >>> bits) & 0xff) !== QUOTE) return scanEscaped(scan, start, pos, end, a, b, rest, bits)
      OUT[HASH_A] = finish(stepA(a, rest) ^ (pos - start))
      OUT[HASH_B] = finish(stepB(b, rest) ^ (pos - start))
      return pos + 1
    }
    a = stepA(a, word)
    b = stepB(b, word)
    pos += 4
  }
}

/** Unescaped bytes that wait to be hashed; the room beyond the size takes a word that starts just below it. */
const SCRATCH_BYTES = 4_096
const scratch = new DataView(new ArrayBuffer(SCRATCH_BYTES + 8))

/**
 * The rest of a string from its first special byte on; `rest` holds the bits not yet hashed. Unescapes into the scratch buffer,
 * four bytes at a time where there are that many, and hashes from there, since escapes put the bytes out of step.
 */
function scanEscaped(
  scan: Scan,
  start: number,
  from: number,
  end: number,
  laneA: number,
  laneB: number,
  rest: number,
  restBits: number,
): number {
  const { body, view } = scan
  let a = laneA
  let b = laneB
  let pos = from
  let seen = 0
  scratch.setInt32(0, rest, true)
  let filled = restBits >> 3
  let length = from - start - filled
  let next = 0
  for (;;) {
    const word = pos + 4 <= end ? view.getInt32(pos, true) : lastWord(view, pos, end)
    const marks = specials(word)
    seen |= word
    scratch.setInt32(filled, word, true)
    if (marks === 0) {
      pos += 4
      filled += 4
    } else {
      const plain = firstMark(marks)
      const special = (word >>> (plain << 3)) & 0xff
      pos += plain
      filled += plain
      if (special === QUOTE) break
      if (special !== BACKSLASH) return failString(scan, start, pos, end)
      const letter = pos + 1 < end ? (body[pos + 1] as number) : 0
      const meaning = ESCAPES[letter] as number
      if (meaning !== 0) {
        scratch.setUint8(filled, meaning)
        pos += 2
        filled++
      } else {
        const point = letter === LETTER_U ? escapedPoint(body, pos, end) : -1
        if (point < 0) return failEscape(scan, start, pos, end)
        pos += point > 0xffff ? 12 : 6
        scratch.setInt32(filled, utf8Word(point), true)
        filled += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
      }
    }
    if (filled >= SCRATCH_BYTES) {
      for (next = 0; next + 4 <= filled; next += 4) {
        const ready = scratch.getInt32(next, true)
        a = stepA(a, ready)
        b = stepB(b, ready)
      }
      scratch.setInt32(0, scratch.getInt32(next, true), true)
      length += next
      filled -= next
    }
  }
  for (next = 0; next + 4 <= filled; next += 4) {
    const ready = scratch.getInt32(next, true)
    a = stepA(a, ready)
    b = stepB(b, ready)
  }
  OUT[SEEN_BYTES] = (OUT[SEEN_BYTES] as number) | seen
  const last = scratch.getInt32(next, true) & ((1 << ((filled - next) << 3)) - 1)
  OUT[HASH_A] = finish(stepA(a, last) ^ (length + filled))
  OUT[HASH_B] = finish(stepB(b, last) ^ (length + filled))
  return pos + 1
}

/** What the byte after a backslash stands for; 0 where it may not follow one. */
const ESCAPES = new Uint8Array(256)
for (const [name, meaning] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  ESCAPES[(name as string).charCodeAt(0)] = (meaning as string).charCodeAt(0)
}

/** The code point of the `\uXXXX` at `pos`, or of the surrogate pair that starts there; -1 if it is none. */
function escapedPoint(body: Uint8Array, pos: number, end: number): number {
  const high = escapedUnit(body, pos, end)
  if (high < 0xd800 || high > 0xdbff) return high
  const low = escapedUnit(body, pos + 6, end)
  return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00) : high
}

function escapedUnit(body: Uint8Array, pos: number, end: number): number {
  if (pos + 6 > end || body[pos] !== BACKSLASH || body[pos + 1] !== LETTER_U) return -1
  let unit = 0
  for (let i = pos + 2; i < pos + 6; i++) {
    const byte = body[i] as number
    const lower = byte | 0x20
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
    if (digit < 0) return -1
    unit = (unit << 4) | digit
  }
  return unit
}

/** The UTF-8 bytes of a code point, the first in the lowest position. */
function utf8Word(point: number): number {
  if (point < 0x80) return point
  const last = 0x80 | (point & 0x3f)
  if (point < 0x800) return 0xc0 | (point >> 6) | (last << 8)
  const middle = 0x80 | ((point >> 6) & 0x3f)
  if (point < 0x10000) return 0xe0 | (point >> 12) | (middle << 8) | (last << 16)
  return 0xf0 | (point >> 18) | ((0x80 | ((point >> 12) & 0x3f)) << 8) | (middle << 16) | (last << 24)
}

function failEscape(scan: Scan, start: number, pos: number, end: number): number {
  if (pos + 1 >= end) return failString(scan, start, end, end)
  scan.fault = malformed(
    `The backslash at byte ${pos} starts no JSON escape: write \\\\ for a backslash, and four hex digits after \\u`,
    pos,
  )
  return FAILED
}

function failString(scan: Scan, start: number, pos: number, end: number): number {
  scan.fault =
    pos >= end
      ? malformed(`The string that starts at byte ${start - 1} is not closed`, start - 1)
      : malformed(`A string holds a raw control character at byte ${pos}: write it as an escape such as \\n or \\u0000`, pos)
  return FAILED
}
