import { META_LENGTH, META_WORDS } from './dedupe-index.ts'

/** Events of one append, or a part of them: consecutive seqs, recorded at one time. */
export interface Segment {
  readonly first_seq: number
  readonly count: number
  /** Unix time in milliseconds. */
  readonly recorded_at: number
  /** `META_WORDS` uint32 an event. */
  readonly meta: Uint32Array
  /** Comma-joined JSON texts of `EventHead`. */
  readonly heads: string
  /** Comma-joined verbatim event texts in UTF-8. */
  body(): Uint8Array
  /** Its items as they go out, once they were rendered; only where the segment stays in memory. */
  readonly kept?: { items: Uint8Array | null }
}

/** A segment that is not numbered yet. */
export interface Draft {
  readonly meta: Uint32Array
  readonly heads: string
  readonly body: Uint8Array
}

/** Bytes of a segment's body and heads together. SQLite in an object takes 2 MB a row; the meta needs its share too. */
export const SEGMENT_BYTES = 1_536 * 1024

/** A segment's rows: its own and those that go on with a body too large for one. The body of 4 MiB takes three. */
export const PARTS = 16

/** Most bytes that `heads` can take in UTF-8. */
const headBytes = (heads: string) => heads.length * 3

export function lastSeqOf(segment: Pick<Segment, 'first_seq' | 'count'>): number {
  return segment.first_seq + segment.count - 1
}

export function lengthOf(meta: Uint32Array, place: number): number {
  return meta[place * META_WORDS + META_LENGTH] as number
}

/** Keeps the events at the given places, in their order. */
export function pick(draft: Draft, places: readonly number[]): Draft {
  const count = draft.meta.length / META_WORDS
  if (places.length === count) return draft
  const heads = JSON.parse(`[${draft.heads}]`) as unknown[]
  const offsets = offsetsOf(draft.meta)
  const bytes = places.reduce((sum, place) => sum + lengthOf(draft.meta, place) + 1, -1)
  const body = new Uint8Array(Math.max(bytes, 0))
  const meta = new Uint32Array(places.length * META_WORDS)
  let to = 0
  places.forEach((place, i) => {
    if (i > 0) body[to++] = COMMA
    const from = offsets[place] as number
    const length = lengthOf(draft.meta, place)
    body.set(draft.body.subarray(from, from + length), to)
    to += length
    meta.set(draft.meta.subarray(place * META_WORDS, (place + 1) * META_WORDS), i * META_WORDS)
  })
  return { meta, body, heads: places.map((place) => JSON.stringify(heads[place])).join(',') }
}

/** Cuts a draft between events so that each part fits a row, but for an event that is larger by itself. */
export function split(draft: Draft, maxBytes = SEGMENT_BYTES): Draft[] {
  if (draft.body.byteLength + headBytes(draft.heads) <= maxBytes) return [draft]
  const count = draft.meta.length / META_WORDS
  const heads = (JSON.parse(`[${draft.heads}]`) as unknown[]).map((head) => JSON.stringify(head))
  const parts: Draft[] = []
  let first = 0
  let offset = 0
  while (first < count) {
    let end = first
    let bodyBytes = -1
    let bytes = 0
    do {
      bodyBytes += lengthOf(draft.meta, end) + 1
      bytes += lengthOf(draft.meta, end) + headBytes(heads[end] as string) + 2
      end += 1
    } while (end < count && bytes + lengthOf(draft.meta, end) + headBytes(heads[end] as string) + 2 <= maxBytes)
    parts.push({
      meta: draft.meta.slice(first * META_WORDS, end * META_WORDS),
      heads: heads.slice(first, end).join(','),
      // A view would keep, and a call take along, the whole of the request.
      body: draft.body.slice(offset, offset + bodyBytes),
    })
    offset += bodyBytes + 1
    first = end
  }
  return parts
}

/** Where each event's text begins in the body. */
export function offsetsOf(meta: Uint32Array): number[] {
  const offsets: number[] = []
  let offset = 0
  for (let place = 0; place * META_WORDS < meta.length; place++) {
    offsets.push(offset)
    offset += lengthOf(meta, place) + 1
  }
  return offsets
}

export const COMMA = 0x2c
