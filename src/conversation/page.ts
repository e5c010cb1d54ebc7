import { lengthOf, type Segment } from './segment.ts'

/** `sse`: messages of a stream of server-sent events, each with its item's seq as its id. */
export type PageFormat = 'json' | 'ndjson' | 'sse'

export interface PageQuery {
  /** Seq, exclusive. */
  readonly after: number
  /** Seq, inclusive. */
  readonly until_seq: number
  readonly limit: number
  readonly max_bytes: number
}

interface Pick {
  readonly segment: Segment
  readonly place: number
}

export interface PickedPage {
  readonly picks: readonly Pick[]
  /** Event text in bytes. */
  readonly bytes: number
  /** Seq up to which the log was looked through: where the next page begins. */
  readonly scanned_through: number
}

/** Heads that one read looks through. A filter that matches little ends its page here, so that no read holds up the writers. */
const MAX_SCANNED_EVENTS = 20_000

/**
 * Chooses a page's events: at most `limit` items and `max_bytes` of text, but always one if there is one.
 * `matches` gets an event's head as stored; without it no head is parsed.
 */
export function pickPage(segments: Iterable<Segment>, query: PageQuery, matches?: (head: unknown) => boolean): PickedPage {
  const picks: Pick[] = []
  let bytes = 0
  let scanned = 0
  let through = query.after
  for (const segment of segments) {
    if (segment.first_seq > query.until_seq) break
    const heads = matches ? (JSON.parse(`[${segment.heads}]`) as unknown[]) : null
    const firstPlace = Math.max(query.after + 1 - segment.first_seq, 0)
    for (let place = firstPlace; place < segment.count; place++) {
      const seq = segment.first_seq + place
      if (seq > query.until_seq) return { picks, bytes, scanned_through: through }
      if (!heads || matches?.(heads[place])) {
        const length = lengthOf(segment.meta, place)
        if (picks.length === query.limit || (picks.length > 0 && bytes + length > query.max_bytes)) {
          return { picks, bytes, scanned_through: through }
        }
        picks.push({ segment, place })
        bytes += length
      }
      through = seq
      scanned += 1
    }
    if (heads && scanned >= MAX_SCANNED_EVENTS) return { picks, bytes, scanned_through: through }
    if (picks.length === query.limit) break
  }
  return { picks, bytes, scanned_through: through }
}

const encoder = new TextEncoder()
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * What a page takes beside its events, in bytes: `{"seq":,"cursor":"","recorded_at":"","event":}` with two seqs of 16 digits, a time,
 * and the separator; a message has a third seq.
 */
const ITEM_FRAME_BYTES = { json: 112, ndjson: 112, sse: 160 } as const

/** What stands behind an item. */
const ITEM_ENDS = { json: '}', ndjson: '}\n', sse: '}\n\n' } as const

/**
 * Writes the items as they go out: `{"seq","cursor","recorded_at","event"}`, separated by commas, or each ended by a
 * line feed, or each as a message; `before` and `after` are ASCII put around them. The event's bytes are copied, never parsed. On a
 * line of its own an event's line breaks, which can stand only between its tokens, become spaces; in a message, lines.
 */
export function renderItems(page: PickedPage, format: PageFormat, before = '', after = ''): Uint8Array<ArrayBuffer> {
  let out = new Uint8Array(before.length + page.bytes + page.picks.length * ITEM_FRAME_BYTES[format] + after.length)
  let at = writeAscii(out, 0, before)
  let held: Segment | null = null
  let body = new Uint8Array(0)
  let place = 0
  let from = 0
  let frameEnd: Uint8Array = new Uint8Array(0)
  let isFirst = true
  for (const pick of page.picks) {
    const { segment } = pick
    if (segment !== held) {
      held = segment
      body = segment.body() as Uint8Array<ArrayBuffer>
      place = 0
      from = 0
      frameEnd = encoder.encode(`","recorded_at":"${new Date(segment.recorded_at).toISOString()}","event":`)
    }
    // Picks are in the order of seq: the text's place is found by going on from the one before.
    for (; place < pick.place; place++) from += lengthOf(segment.meta, place) + 1
    const seq = String(segment.first_seq + pick.place)
    if (format === 'sse') {
      at += writeAscii(out, at, 'event: event\nid: ')
      at += writeAscii(out, at, seq)
      at += writeAscii(out, at, '\ndata: ')
    }
    at += writeAscii(out, at, isFirst || format !== 'json' ? '{"seq":' : ',{"seq":')
    at += writeAscii(out, at, seq)
    at += writeAscii(out, at, ',"cursor":"')
    at += writeAscii(out, at, seq)
    out.set(frameEnd, at)
    at += frameEnd.length
    const stored = body.subarray(from, from + lengthOf(segment.meta, pick.place))
    const text = format === 'sse' ? dataLines(stored) : stored
    if (text.length > stored.length) out = withRoom(out, text.length - stored.length)
    out.set(text, at)
    if (format === 'ndjson') joinLines(out.subarray(at, at + text.length))
    at += text.length
    at += writeAscii(out, at, ITEM_ENDS[format])
    isFirst = false
  }
  at += writeAscii(out, at, after)
  return out.subarray(0, at)
}

/** By hand: for texts as short as an item's frame, a call of the encoder costs more than they do. */
function writeAscii(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i)
  return text.length
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

function withRoom(out: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(out.byteLength + bytes)
  larger.set(out)
  return larger
}
