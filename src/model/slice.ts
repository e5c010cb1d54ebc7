import type { Digest } from './digest-id.ts'
import { MAX_EVENT_BYTES, MAX_REQUEST_EVENTS } from './limits.ts'
import { type Fault, malformed, type SliceFailure, unexpected } from './slice-failure.ts'
import { findNameFault } from './slice-names.ts'
import { byteAt, OPEN_ARRAY, OPEN_OBJECT, releaseScan, scanValue, skipSpace } from './slice-scan.ts'
import { HASH_A, HASH_B, newScan, OUT, type Scan, SEEN_BYTES } from './slice-string.ts'

export interface SlicedEvent {
  /** Byte offsets of the event's own text in the body, `end` exclusive. */
  readonly start: number
  readonly end: number
  /** The event's text as it was sent, whitespace between its tokens included. */
  readonly text: string
  /** What `JSON.parse(text)` gives: an object. */
  readonly value: unknown
  /** Equal for texts that differ only in whitespace, order of members and escapes; any other difference changes it. */
  readonly digest: Digest
}

export type SliceResult =
  | { readonly ok: true; readonly events: SlicedEvent[] }
  | { readonly ok: false; readonly failure: SliceFailure }

interface Cut {
  readonly start: number
  readonly end: number
  readonly line: number | undefined
  readonly suspect: boolean
  readonly digest: Digest
}

// A byte order mark that is left in place makes JSON.parse refuse the text.
const UTF8 = { fatal: true, ignoreBOM: true }
const decoder = new TextDecoder('utf-8', UTF8)

const COMMA = 0x2c
const CLOSE_ARRAY = 0x5d
const NEWLINE = 0x0a

/**
 * Cuts a request body into its events' own texts, without writing any of them anew. `json`: one object, or an array of objects;
 * `ndjson`: an object a line, blank lines ignored. The body must be UTF-8 without a byte order mark, and no object in it may have
 * two members of one name or one called `__proto__` (I-JSON, RFC 7493).
 * Reports the first fault in the JSON grammar or in a limit (which ends the scan); only where all is well with these, the first event
 * that breaks another rule. So a body within the limits is `malformed-json` exactly if it is not JSON in UTF-8.
 */
export function sliceEvents(body: Uint8Array, format: 'json' | 'ndjson'): SliceResult {
  const scan = newScan(body)
  const cuts: Cut[] = []
  const failure = format === 'json' ? cutJson(scan, cuts) : cutLines(scan, cuts)
  releaseScan()
  return failure === null ? readCuts(body, cuts, ((OUT[SEEN_BYTES] as number) & 0x80808080) === 0) : { ok: false, failure }
}

function cutJson(scan: Scan, cuts: Cut[]): SliceFailure | null {
  const end = scan.body.length
  let pos = skipSpace(scan, 0, end)
  if (pos === end) return malformed('The body is empty: send an event as a JSON object, or an array of events', 0)
  const bom = byteOrderMark(scan)
  if (bom !== null) return bom
  if (byteAt(scan.body, pos, end) !== OPEN_ARRAY) {
    const failed = cutOne(scan, cuts, pos, end, undefined)
    if (failed !== null) return failed
    pos = skipSpace(scan, (cuts[0] as Cut).end, end)
    return pos < end ? trailing(pos) : null
  }
  const opened = pos
  pos = skipSpace(scan, pos + 1, end)
  if (byteAt(scan.body, pos, end) === CLOSE_ARRAY) {
    pos = skipSpace(scan, pos + 1, end)
    if (pos < end) return trailing(pos)
    return {
      kind: 'invalid-event',
      message: 'The array is empty, so there is nothing to record: send at least one event',
      offset: opened,
    }
  }
  for (;;) {
    const failed = cutOne(scan, cuts, pos, end, undefined)
    if (failed !== null) return failed
    pos = skipSpace(scan, (cuts[cuts.length - 1] as Cut).end, end)
    const next = byteAt(scan.body, pos, end)
    if (next === CLOSE_ARRAY) break
    if (next !== COMMA) {
      if (pos >= end) return malformed(`The JSON text ends at byte ${end} inside the array of events`, end)
      return { ...unexpected(scan.body, pos, end, 'a comma or ] after an event'), index: cuts.length - 1 }
    }
    pos = skipSpace(scan, pos + 1, end)
  }
  pos = skipSpace(scan, pos + 1, end)
  return pos < end ? trailing(pos) : null
}

function cutLines(scan: Scan, cuts: Cut[]): SliceFailure | null {
  const { body } = scan
  const bom = byteOrderMark(scan)
  if (bom !== null) return bom
  let line = 0
  for (let from = 0; from < body.length; ) {
    line++
    const newline = body.indexOf(NEWLINE, from)
    const end = newline < 0 ? body.length : newline
    const pos = skipSpace(scan, from, end)
    if (pos < end) {
      const failed = cutOne(scan, cuts, pos, end, line)
      if (failed !== null) return failed
      const after = skipSpace(scan, (cuts[cuts.length - 1] as Cut).end, end)
      if (after < end)
        return at(malformed(`Something follows the event at byte ${after}: send one event a line`, after), cuts.length - 1, line)
    }
    from = end + 1
  }
  return cuts.length === 0 ? malformed('The body is empty: send events as JSON objects, one a line', 0) : null
}

/** Scans the value at `pos` and notes it down. */
function cutOne(scan: Scan, cuts: Cut[], pos: number, end: number, line: number | undefined): SliceFailure | null {
  const index = cuts.length
  if (index === MAX_REQUEST_EVENTS) {
    const message = `The body holds more than ${MAX_REQUEST_EVENTS} events (MAX_REQUEST_EVENTS): split it over several requests`
    return at({ kind: 'too-large', message, offset: pos }, index, line)
  }
  scan.suspect = false
  const after = scanValue(scan, pos, end)
  if (after < 0) return at(scan.fault as Fault, index, line)
  if (after - pos > MAX_EVENT_BYTES) {
    const message = `The event has ${after - pos} bytes, more than ${MAX_EVENT_BYTES} (MAX_EVENT_BYTES): split it, or keep large parts elsewhere`
    return at({ kind: 'too-large', message, offset: pos }, index, line)
  }
  const digest: Digest = [(OUT[HASH_A] as number) >>> 0, (OUT[HASH_B] as number) >>> 0]
  cuts.push({ start: pos, end: after, line, suspect: scan.suspect, digest })
  return null
}

/** Decodes and parses the cuts. The scanner has seen the whole grammar; what remains is UTF-8, the kind of value and names. */
function readCuts(body: Uint8Array, cuts: readonly Cut[], ascii: boolean): SliceResult {
  // One decoding for the whole body, where byte offsets are string offsets: its slices cost nothing.
  const whole = ascii ? decoder.decode(body) : ''
  const events: SlicedEvent[] = []
  let broken: SliceFailure | null = null
  for (let index = 0; index < cuts.length; index++) {
    const { start, end, line, suspect, digest } = cuts[index] as Cut
    let text: string
    try {
      text = ascii ? whole.slice(start, end) : decoder.decode(body.subarray(start, end))
    } catch {
      const offset = invalidUtf8(body, start, end)
      const message = `The bytes from ${offset} on are not valid UTF-8: encode the body as UTF-8`
      return { ok: false, failure: at(malformed(message, offset), index, line) }
    }
    // A broken rule must wait: bytes further on may prove that the body is no JSON at all.
    if (broken !== null) continue
    const names = suspect ? findNameFault(text) : null
    if (body[start] !== OPEN_OBJECT) {
      const message = `The value at byte ${start} is not a JSON object: send each event as an object`
      broken = at({ kind: 'invalid-event', message, offset: start }, index, line)
    } else if (names !== null) {
      broken = { ...at({ kind: 'invalid-event', message: names.message, offset: start }, index, line), path: names.path }
    } else events.push({ start, end, text, value: JSON.parse(text), digest })
  }
  return broken === null ? { ok: true, events } : { ok: false, failure: broken }
}

/** The first byte that belongs to no UTF-8 sequence, found by halving: a prefix decodes exactly as long as it ends before it. */
function invalidUtf8(body: Uint8Array, start: number, end: number): number {
  let good = start
  let bad = end
  while (good + 1 < bad) {
    const middle = (good + bad) >> 1
    try {
      new TextDecoder('utf-8', UTF8).decode(body.subarray(start, middle), { stream: true })
      good = middle
    } catch {
      bad = middle
    }
  }
  return good
}

function byteOrderMark({ body }: Scan): SliceFailure | null {
  const utf8 = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf
  const utf16 = (body[0] === 0xff && body[1] === 0xfe) || (body[0] === 0xfe && body[1] === 0xff)
  return utf8 || utf16 ? malformed('The body starts with a byte order mark: send UTF-8 without one', 0) : null
}

function trailing(pos: number): SliceFailure {
  return malformed(
    `Something follows the JSON value at byte ${pos}: send one object or one array, or NDJSON as application/x-ndjson`,
    pos,
  )
}

function at(fault: Fault, index: number, line: number | undefined): SliceFailure {
  if (line === undefined) return { ...fault, index }
  return { ...fault, message: `Line ${line}: ${fault.message}`, index, line }
}
