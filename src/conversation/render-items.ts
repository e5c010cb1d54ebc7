import type { PickedPage, Run } from './page.ts'
import { COMMA, lengthOf, type Segment } from './segment.ts'

/** `sse`: messages of a stream of server-sent events, each with its item's seq as its id. */
export type PageFormat = 'json' | 'ndjson' | 'sse'

/** Bytes on their way out; replaced where they need more room. */
interface Output {
  bytes: Uint8Array<ArrayBuffer>
  at: number
  /** Room beyond what was expected. */
  spare: number
}

const encoder = new TextEncoder()
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * What a page takes beside its events, in bytes: `{"seq":,"cursor":"","recorded_at":"","event":}` with two seqs of 16 digits, a time,
 * and the separator; a message has a third seq.
 */
export const ITEM_FRAME_BYTES = { json: 112, ndjson: 112, sse: 160 } as const

/** What stands behind an item. */
const ITEM_ENDS = { json: '}', ndjson: '}\n', sse: '}\n\n' } as const

/**
 * Writes the items as they go out: `{"seq","cursor","recorded_at","event"}`, separated by commas, or each ended by a
 * line feed, or each as a message; `before` and `after` are ASCII put around them. The event's bytes are copied, never parsed. On a
 * line of its own an event's line breaks, which can stand only between its tokens, become spaces; in a message, lines.
 */
export function renderItems(page: PickedPage, format: PageFormat, before = '', after = ''): Uint8Array<ArrayBuffer> {
  const out = outputFor(before.length + page.bytes + page.items * ITEM_FRAME_BYTES[format] + after.length)
  writeAscii(out, before)
  page.runs.forEach((run, i) => {
    if (i > 0 && format === 'json') out.bytes[out.at++] = COMMA
    const known = format === 'json' ? renderedWhole(run) : null
    if (known) write(out, known)
    else writeRun(out, run, format)
  })
  writeAscii(out, after)
  return written(out)
}

/** The items of a segment that stays in memory, rendered once: an agent reads its whole conversation before every step. */
function renderedWhole(run: Run): Uint8Array | null {
  const { segment, count } = run
  if (!segment.kept || count < segment.count) return null
  segment.kept.items ??= renderWhole(segment, run)
  return segment.kept.items
}

function renderWhole(segment: Segment, run: Run): Uint8Array {
  const out = outputFor(segment.body().byteLength + segment.count * ITEM_FRAME_BYTES.json)
  writeRun(out, run, 'json')
  // What is kept must not hold more memory than it shows.
  return written(out).slice()
}

function writeRun(out: Output, { segment, place, count }: Run, format: PageFormat): void {
  const body = segment.body()
  const frameEnd = encoder.encode(`","recorded_at":"${new Date(segment.recorded_at).toISOString()}","event":`)
  let from = 0
  for (let skipped = 0; skipped < place; skipped++) from += lengthOf(segment.meta, skipped) + 1
  for (let i = 0; i < count; i++) {
    const length = lengthOf(segment.meta, place + i)
    const stored = body.subarray(from, from + length)
    from += length + 1
    const seq = String(segment.first_seq + place + i)
    if (format === 'sse') {
      writeAscii(out, 'event: event\nid: ')
      writeAscii(out, seq)
      writeAscii(out, '\ndata: ')
    }
    writeAscii(out, i > 0 && format === 'json' ? ',{"seq":' : '{"seq":')
    writeAscii(out, seq)
    writeAscii(out, ',"cursor":"')
    writeAscii(out, seq)
    write(out, frameEnd)
    const text = format === 'sse' ? dataLines(stored) : stored
    if (text.length > stored.length) addRoom(out, text.length - stored.length)
    write(out, text)
    if (format === 'ndjson') joinLines(out.bytes.subarray(out.at - text.length, out.at))
    writeAscii(out, ITEM_ENDS[format])
  }
}

function outputFor(bytes: number): Output {
  return { bytes: new Uint8Array(bytes), at: 0, spare: 0 }
}

function written({ bytes, at }: Output): Uint8Array<ArrayBuffer> {
  return bytes.subarray(0, at)
}

function write(out: Output, bytes: Uint8Array): void {
  out.bytes.set(bytes, out.at)
  out.at += bytes.length
}

/** By hand: for texts as short as an item's frame, a call of the encoder costs more than they do. */
function writeAscii(out: Output, text: string): void {
  const { bytes, at } = out
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i)
  out.at = at + text.length
}

/** By doubling, so that many texts that need more do not copy all of the page each time. */
function addRoom(out: Output, bytes: number): void {
  if (out.spare < bytes) {
    const more = Math.max(bytes, out.bytes.byteLength)
    const larger = new Uint8Array(out.bytes.byteLength + more)
    larger.set(out.bytes)
    out.bytes = larger
    out.spare += more
  }
  out.spare -= bytes
}

function joinLines(text: Uint8Array): void {
  for (const lineBreak of [LINE_FEED, CARRIAGE_RETURN]) {
    for (let at = text.indexOf(lineBreak); at !== -1; at = text.indexOf(lineBreak, at + 1)) text[at] = 0x20
  }
}

/** In a stream of server-sent events each line of a message's data has a name before it. Hardly any event has line breaks. */
function dataLines(text: Uint8Array): Uint8Array {
  if (!text.includes(LINE_FEED) && !text.includes(CARRIAGE_RETURN)) return text
  return encoder.encode(new TextDecoder().decode(text).replaceAll(/\r\n|\r|\n/g, '\ndata: '))
}
