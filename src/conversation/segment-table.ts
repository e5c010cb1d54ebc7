import { joinBytes } from '../model/join-bytes.ts'
import { utcDay } from '../model/utc-day.ts'
import { ENTRY_WORDS, META_WORDS, ROW_ENTRIES } from './dedupe-index.ts'
import { lastSeqOf, PARTS, SEGMENT_BYTES, type Segment } from './segment.ts'

/** Rows that are written for a table that is made. */
const TABLE_ROWS = 2

/** What is written anew of trimmed segments rather than deleting the others row by row: more would hold up the object. */
const REWRITTEN_BYTES = 1024 * 1024

/** What is left of segments that were trimmed. */
type TrimmedRow<Meta> = { readonly id: number; readonly count: number; readonly recorded_at: number; readonly meta: Meta }

type HotMeta = { readonly recorded_at: number; readonly meta: ArrayBuffer }

interface DayEntries {
  /** Of the last event, Unix ms. */
  readonly recorded_at: number
  readonly entries: Uint32Array
}

/** The rows of a log's segments: hot ones with their events, and before those what is left of trimmed ones. */
export class SegmentTable {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  insert(segment: Segment): void {
    const id = segment.first_seq * PARTS
    const body = segment.body()
    this.#sql.exec(
      'INSERT INTO segments (id, count, recorded_at, meta, heads, body) VALUES (?, ?, ?, ?, ?, ?)',
      id,
      segment.count,
      segment.recorded_at,
      segment.meta,
      segment.heads,
      body.subarray(0, SEGMENT_BYTES),
    )
    for (let part = 1; part * SEGMENT_BYTES < body.byteLength; part++) {
      this.#sql.exec(
        "INSERT INTO segments (id, count, recorded_at, meta, heads, body) VALUES (?, 0, ?, x'', '', ?)",
        id + part,
        segment.recorded_at,
        body.subarray(part * SEGMENT_BYTES, (part + 1) * SEGMENT_BYTES),
      )
    }
  }

  /** The hot segment with the event of a seq; its body is read when it is asked for. */
  holding(seq: number): Segment | null {
    const row = this.#sql
      .exec<{ id: number; count: number; recorded_at: number; meta: ArrayBuffer; heads: string }>(
        'SELECT id, count, recorded_at, meta, heads FROM segments WHERE id <= ? AND count > 0 ORDER BY id DESC LIMIT 1',
        seq * PARTS,
      )
      .toArray()[0]
    if (!row) return null
    const segment = {
      first_seq: row.id / PARTS,
      count: row.count,
      recorded_at: row.recorded_at,
      meta: new Uint32Array(row.meta),
      heads: row.heads,
      body: () => this.#readBody(row.id),
    }
    return lastSeqOf(segment) < seq ? null : segment
  }

  /** Where the log ends; null when there is no row. */
  last(): { readonly last_seq: number; readonly recorded_at: number } | null {
    const row = this.#sql
      .exec<{ id: number; count: number; recorded_at: number }>(
        'SELECT id, count, recorded_at FROM segments WHERE count > 0 ORDER BY id DESC LIMIT 1',
      )
      .toArray()[0]
    return row ? { last_seq: row.id / PARTS + row.count - 1, recorded_at: row.recorded_at } : null
  }

  /** The last seq recorded at or before `marker` (Unix ms), or 0; rows are in the order of their times. */
  lastSeqRecordedBy(marker: number): number {
    const row = this.#sql
      .exec<{ id: number; count: number }>(
        'SELECT id, count FROM segments WHERE count > 0 AND recorded_at <= ? ORDER BY id DESC LIMIT 1',
        marker,
      )
      .toArray()[0]
    return row ? row.id / PARTS + row.count - 1 : 0
  }

  /** Unix ms; null when there is no row. */
  firstRecordedAt(): number | null {
    return this.#sql.exec<{ at: number | null }>('SELECT min(recorded_at) AS at FROM segments').one().at
  }

  /**
   * Replaces the hot segments, which begin with `firstSeq`, by rows that hold nothing but ids and digests, each of one day in UTC and of the
   * time of its last event: what goes when its term is over goes by whole days.
   */
  trimFrom(firstSeq: number): void {
    const days = this.#entriesByDay(firstSeq)
    this.#dropFrom(firstSeq)
    let first = firstSeq
    for (const { recorded_at, entries } of days) {
      for (let at = 0; at < entries.length; at += ROW_ENTRIES * ENTRY_WORDS) {
        const meta = entries.subarray(at, at + ROW_ENTRIES * ENTRY_WORDS)
        const count = meta.length / ENTRY_WORDS
        this.#insertTrimmed({ id: first * PARTS, count, recorded_at, meta })
        first += count
      }
    }
  }

  deleteThrough(seq: number): void {
    this.#sql.exec('DELETE FROM segments WHERE id < ?', (seq + 1) * PARTS)
  }

  empty(): void {
    this.#dropFrom(0)
  }

  /**
   * Drops the segments from a seq on; what stands before it has been trimmed. Each row that is deleted is charged for as one that is
   * written, and a table that is dropped is not. No cursor may be open then, on whichever table.
   */
  #dropFrom(seq: number): void {
    const id = seq * PARTS
    const { kept, bytes, dropped } = this.#sql
      .exec<{ kept: number; bytes: number; dropped: number }>(
        `SELECT count(*) FILTER (WHERE id < ?1) AS kept, coalesce(sum(length(meta)) FILTER (WHERE id < ?1), 0) AS bytes,
           count(*) FILTER (WHERE id >= ?1) AS dropped FROM segments`,
        id,
      )
      .one()
    if (dropped <= TABLE_ROWS + kept || bytes > REWRITTEN_BYTES) {
      this.#sql.exec('DELETE FROM segments WHERE id >= ?', id)
      return
    }
    const before = this.#sql
      .exec<TrimmedRow<ArrayBuffer>>('SELECT id, count, recorded_at, meta FROM segments WHERE id < ? ORDER BY id', id)
      .toArray()
    const { sql: table } = this.#sql.exec<{ sql: string }>("SELECT sql FROM sqlite_master WHERE name = 'segments'").one()
    this.#sql.exec('DROP TABLE segments')
    this.#sql.exec(table)
    for (const row of before) this.#insertTrimmed(row)
  }

  #insertTrimmed({ id, count, recorded_at, meta }: TrimmedRow<ArrayBuffer | Uint32Array>): void {
    this.#sql.exec(
      "INSERT INTO segments (id, count, recorded_at, meta, heads, body) VALUES (?, ?, ?, ?, '', NULL)",
      id,
      count,
      recorded_at,
      meta,
    )
  }

  /** Ids and digests of the hot segments, day by day. */
  #entriesByDay(firstSeq: number): DayEntries[] {
    const rows = this.#sql
      .exec<HotMeta>('SELECT recorded_at, meta FROM segments WHERE count > 0 AND id >= ? ORDER BY id', firstSeq * PARTS)
      .toArray()
    const days: DayEntries[] = []
    for (let from = 0, end = 0; from < rows.length; from = end) {
      const day = utcDay((rows[from] as HotMeta).recorded_at)
      while (end < rows.length && utcDay((rows[end] as HotMeta).recorded_at) === day) end += 1
      days.push({ recorded_at: (rows[end - 1] as HotMeta).recorded_at, entries: entriesOf(rows.slice(from, end)) })
    }
    return days
  }

  #readBody(id: number): Uint8Array {
    const rows = this.#sql
      .exec<{ body: ArrayBuffer }>('SELECT body FROM segments WHERE id >= ? AND id < ? ORDER BY id', id, id + PARTS)
      .toArray()
    return joinBytes(rows.map(({ body }) => new Uint8Array(body)))
  }
}

function entriesOf(rows: readonly HotMeta[]): Uint32Array {
  const events = rows.reduce((sum, { meta }) => sum + meta.byteLength / 4 / META_WORDS, 0)
  const entries = new Uint32Array(events * ENTRY_WORDS)
  let to = 0
  for (const row of rows) {
    const meta = new Uint32Array(row.meta)
    for (let at = 0; at < meta.length; at += META_WORDS, to += ENTRY_WORDS) entries.set(meta.subarray(at, at + ENTRY_WORDS), to)
  }
  return entries
}
