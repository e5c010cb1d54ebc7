import { finish, stepA, stepB } from './digest-mix.ts'
import { MAX_JSON_DEPTH } from './limits.ts'
import { malformed, unexpected } from './slice-failure.ts'
import { scanScalar } from './slice-scalar.ts'
import { FAILED, HASH_A, HASH_B, OUT, type Scan, scanString } from './slice-string.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
export const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
export const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const SPACE = 0x20
const FOUR_SPACES = 0x20202020

const ARRAY_A = 0x617272
const ARRAY_B = 0x415252
const OBJECT_A = 0x6f626a
const OBJECT_B = 0x4f424a

// One frame an open array or object, in one typed array so that nothing is allocated while scanning; frame 0 is unused.
const FRAME = 7
const frames = new Int32Array((MAX_JSON_DEPTH + 1) * FRAME)
const CLOSER = 0
const COUNT = 1
const OPENED_AT = 2
const SUM_A = 3
const SUM_B = 4
const KEY_A = 5
const KEY_B = 6

/** First-lane hashes of the member names of all open objects, those of the innermost object last. */
const INITIAL_NAMES = 4_096
let names = new Int32Array(INITIAL_NAMES)
let nameCount = 0

/** Up to here a new name is compared with each earlier one; beyond, the names of an object are sorted when it closes. */
const FEW_NAMES = 16

const PROTO_A = hashOfProto()

function hashOfProto(): number {
  const body = new TextEncoder().encode('__proto__"')
  scanString({ body, view: new DataView(body.buffer), fault: null, suspect: false }, 0, body.length)
  return OUT[HASH_A] as number
}

/** The byte at `pos`; at the end a zero, which the grammar allows nowhere. */
export function byteAt(body: Uint8Array, pos: number, end: number): number {
  return pos < end ? (body[pos] as number) : 0
}

/** The first position from `pos` on that holds no JSON whitespace. */
export function skipSpace(scan: Scan, from: number, end: number): number {
  const { body, view } = scan
  let pos = from
  while (pos < end) {
    const byte = body[pos] as number
    if (byte > SPACE) return pos
    if (byte === SPACE) {
      while (pos + 4 <= end && view.getInt32(pos, true) === FOUR_SPACES) pos += 4
      if (byteAt(body, pos, end) === SPACE) pos++
    } else if (byte === 0x0a || byte === 0x0d || byte === 0x09) pos++
    else return pos
  }
  return pos
}

/**
 * Scans one JSON value that starts at `from`: the whole grammar, except that the bytes of strings may not be UTF-8. Returns the
 * position after it and leaves its digest in `OUT`, or returns `FAILED` and leaves the reason in `scan.fault`.
 * The digest of an object adds up its members' digests, so their order does not matter; all else is hashed in order.
 */
export function scanValue(scan: Scan, from: number, end: number): number {
  const { body } = scan
  let pos = from
  let depth = 0
  let frame = 0
  nameCount = 0
  for (;;) {
    const first = byteAt(body, pos, end)
    if (first === QUOTE) {
      pos = scanString(scan, pos + 1, end)
      if (pos < 0) return FAILED
    } else if (first === OPEN_OBJECT || first === OPEN_ARRAY) {
      if (depth === MAX_JSON_DEPTH) return failDepth(scan, pos)
      depth++
      frame += FRAME
      openFrame(frame, first === OPEN_OBJECT, pos)
      pos = skipSpace(scan, pos + 1, end)
      if (byteAt(body, pos, end) !== frames[frame + CLOSER]) {
        if (first === OPEN_OBJECT) {
          pos = scanName(scan, pos, end, frame)
          if (pos < 0) return FAILED
        }
        continue
      }
      pos++
      closeFrame(scan, frame)
      depth--
      frame -= FRAME
    } else {
      pos = scanScalar(scan, pos, end, first)
      if (pos < 0) return FAILED
    }
    for (;;) {
      if (depth === 0) return pos
      addToFrame(frame)
      let next = byteAt(body, pos, end)
      if (next <= SPACE) {
        pos = skipSpace(scan, pos, end)
        next = byteAt(body, pos, end)
      }
      if (next === COMMA) {
        pos++
        if (byteAt(body, pos, end) <= SPACE) pos = skipSpace(scan, pos, end)
        if (frames[frame + CLOSER] === CLOSE_OBJECT) {
          pos = scanName(scan, pos, end, frame)
          if (pos < 0) return FAILED
        }
        break
      }
      if (next !== frames[frame + CLOSER]) return failClosing(scan, pos, end, frame)
      pos++
      closeFrame(scan, frame)
      depth--
      frame -= FRAME
    }
  }
}

/** Scans a member's name and colon, up to its value. */
function scanName(scan: Scan, from: number, end: number, frame: number): number {
  const { body } = scan
  if (byteAt(body, from, end) !== QUOTE) {
    scan.fault = unexpected(body, from, end, 'a member name in double quotes')
    return FAILED
  }
  let pos = scanString(scan, from + 1, end)
  if (pos < 0) return FAILED
  const name = OUT[HASH_A] as number
  frames[frame + KEY_A] = name
  frames[frame + KEY_B] = OUT[HASH_B] as number
  const count = frames[frame + COUNT] as number
  if (name === PROTO_A) scan.suspect = true
  if (count < FEW_NAMES) {
    for (let i = nameCount - count; i < nameCount; i++) if (names[i] === name) scan.suspect = true
  }
  if (nameCount === names.length) growNames()
  names[nameCount++] = name
  if (byteAt(body, pos, end) <= SPACE) pos = skipSpace(scan, pos, end)
  if (byteAt(body, pos, end) !== COLON) {
    scan.fault = unexpected(body, pos, end, 'a colon after the member name')
    return FAILED
  }
  pos++
  return byteAt(body, pos, end) <= SPACE ? skipSpace(scan, pos, end) : pos
}

function openFrame(frame: number, isObject: boolean, pos: number): void {
  frames[frame + CLOSER] = isObject ? CLOSE_OBJECT : CLOSE_ARRAY
  frames[frame + COUNT] = 0
  frames[frame + OPENED_AT] = pos
  frames[frame + SUM_A] = isObject ? OBJECT_A : ARRAY_A
  frames[frame + SUM_B] = isObject ? OBJECT_B : ARRAY_B
}

/** Adds the value whose digest is in `OUT` to the array or object around it. */
function addToFrame(frame: number): void {
  const valueA = OUT[HASH_A] as number
  const valueB = OUT[HASH_B] as number
  const sumA = frames[frame + SUM_A] as number
  const sumB = frames[frame + SUM_B] as number
  frames[frame + COUNT] = (frames[frame + COUNT] as number) + 1
  if (frames[frame + CLOSER] === CLOSE_OBJECT) {
    frames[frame + SUM_A] = sumA + finish(stepA(frames[frame + KEY_A] as number, valueA))
    frames[frame + SUM_B] = sumB + finish(stepB(frames[frame + KEY_B] as number, valueB))
  } else {
    frames[frame + SUM_A] = stepA(sumA, valueA)
    frames[frame + SUM_B] = stepB(sumB, valueB)
  }
}

function closeFrame(scan: Scan, frame: number): void {
  const count = frames[frame + COUNT] as number
  OUT[HASH_A] = finish((frames[frame + SUM_A] as number) ^ count)
  OUT[HASH_B] = finish((frames[frame + SUM_B] as number) ^ count)
  if (frames[frame + CLOSER] === CLOSE_OBJECT) {
    if (count > FEW_NAMES) checkManyNames(scan, count)
    nameCount -= count
  }
}

function checkManyNames(scan: Scan, count: number): void {
  const own = names.subarray(nameCount - count, nameCount).sort()
  for (let i = 1; i < count; i++) if (own[i] === own[i - 1]) scan.suspect = true
}

function growNames(): void {
  const larger = new Int32Array(names.length * 2)
  larger.set(names)
  names = larger
}

/** Gives back what an event with very many members made the scanner keep. */
export function releaseScan(): void {
  if (names.length > 16 * INITIAL_NAMES) names = new Int32Array(INITIAL_NAMES)
}

function failDepth(scan: Scan, pos: number): number {
  const message = `Arrays and objects are nested more than ${MAX_JSON_DEPTH} deep (MAX_JSON_DEPTH) at byte ${pos}: send a flatter event`
  scan.fault = { kind: 'invalid-event', message, offset: pos }
  return FAILED
}

function failClosing(scan: Scan, pos: number, end: number, frame: number): number {
  const object = frames[frame + CLOSER] === CLOSE_OBJECT
  const what = `the ${object ? 'object' : 'array'} that starts at byte ${frames[frame + OPENED_AT]}`
  scan.fault =
    pos >= end
      ? malformed(`The JSON text ends at byte ${end} inside ${what}`, end)
      : unexpected(scan.body, pos, end, `a comma or ${object ? '}' : ']'} in ${what}`)
  return FAILED
}
