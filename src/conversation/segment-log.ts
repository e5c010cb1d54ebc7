import { type DedupeIndex, META_WORDS } from './dedupe-index.ts'
import { ITEM_FRAME_BYTES } from './render-items.ts'
import { type Draft, lastSeqOf, PARTS, SEGMENT_BYTES, type Segment } from './segment.ts'
import { type IndexMark, StoredIndex } from './stored-index.ts'
import { TailCache } from './tail-cache.ts'

/** Bytes of ids and digests in one row kept of trimmed segments: 65,536 events. */
const TRIMMED_META_BYTES = 65_536 * 16

/** What an object keeps beside its log, in one row. */
export interface LogState {
  readonly tenant: string
  readonly conversation_id: string
  /** Changes when the conversation is cleared, so that a delivery begun before cannot confirm what came after. */
  readonly epoch: number
  /** Everything up to here is in the history. */
  readonly persisted_seq: number
  /** Everything up to here was cleared and is nowhere. */
  readonly floor_seq: number
  /** Everything up to here is in the history only. */
  readonly trimmed_through: number
  /** What index blocks hold, if there are any; absent in what older versions wrote. */
  readonly indexed?: IndexMark
  /** Unix time in ms of the first event that was recorded. */
  readonly first_at: number
  /** The marker of the last clearing that took something from here, Unix ms; 0 for none. */
  readonly cleared_through: number
}

/** As the latest version has it. */
const SEGMENTS_TABLE = `CREATE TABLE segments (id INTEGER PRIMARY KEY, count INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
  meta BLOB NOT NULL, heads TEXT NOT NULL, body BLOB) STRICT`

/**
 * Storage changes, in order; one that has run anywhere is never edited. `state.version` tells how many have run. Tables that only some
 * objects need are made with their first row, by whoever writes it.
 * The small columns stand before `body`, so that reading them does not touch the pages that a body overflows to.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    SEGMENTS_TABLE,
    'CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, state TEXT NOT NULL) STRICT',
  ],
]

/** What is left of segments that were trimmed. */
type TrimmedRow<Meta> = { readonly id: number; readonly count: number; readonly recorded_at: number; readonly meta: Meta }

/** A conversation's segments in the object's SQLite: one row an append. */
export class SegmentLog {
  readonly #sql: SqlStorage
  readonly #tail = new TailCache()
  readonly #index: StoredIndex
  #state: LogState | null
  #head = 0
  #lastAt = 0

  constructor(sql: SqlStorage, blockSegments?: number) {
    this.#sql = sql
    this.#index = new StoredIndex(sql, blockSegments)
    this.#state = this.#open()
    if (this.#state) this.#readHead(this.#state)
  }

  /** Null while nothing was ever recorded: reading an unknown conversation leaves no trace. */
  get state(): LogState | null {
    return this.#state
  }

  get head(): number {
    return this.#head
  }

  /** Unix time in ms of the last event that was recorded. */
  get lastAt(): number {
    return this.#lastAt
  }

  /** The ids of all events since the last clearing, trimmed ones included. Loaded at the first need: a reader has none. */
  get index(): DedupeIndex {
    return this.#index.of(this.#state)
  }

  create(tenant: string, conversationId: string, epoch: number, now: number): void {
    for (const statement of MIGRATIONS.flat()) this.#sql.exec(statement)
    this.update({
      tenant,
      conversation_id: conversationId,
      epoch,
      persisted_seq: 0,
      floor_seq: 0,
      trimmed_through: 0,
      first_at: now,
      cleared_through: 0,
    })
  }

  update(state: LogState): void {
    this.#sql.exec(
      'INSERT INTO state (id, version, state) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state',
      MIGRATIONS.length,
      JSON.stringify(state),
    )
    this.#state = state
  }

  append(draft: Draft, now: number): Segment {
    const state = this.#state
    if (!state) throw new Error('the log was not created')
    const { meta, heads, body } = draft
    const indexed = this.#index.push(state, meta)
    if (indexed) this.update({ ...state, indexed })
    const segment = {
      first_seq: this.#head + 1,
      count: meta.length / META_WORDS,
      recorded_at: now,
      meta,
      heads,
      body: () => body,
      kept: { items: null },
    }
    const id = segment.first_seq * PARTS
    this.#sql.exec(
      'INSERT INTO segments (id, count, recorded_at, meta, heads, body) VALUES (?, ?, ?, ?, ?, ?)',
      id,
      segment.count,
      now,
      meta,
      heads,
      body.subarray(0, SEGMENT_BYTES),
    )
    for (let part = 1; part * SEGMENT_BYTES < body.byteLength; part++) {
      this.#sql.exec(
        "INSERT INTO segments (id, count, recorded_at, meta, heads, body) VALUES (?, 0, ?, x'', '', ?)",
        id + part,
        now,
        body.subarray(part * SEGMENT_BYTES, (part + 1) * SEGMENT_BYTES),
      )
    }
    // Its text may come to stand there a second time, as it goes out.
    this.#tail.push(segment, 2 * body.byteLength + segment.count * ITEM_FRAME_BYTES.json + heads.length + meta.byteLength)
    this.#head = lastSeqOf(segment)
    this.#lastAt = now
    return segment
  }

  /** The segments that hold events after `after`, in order, each read when it is reached. */
  *segmentsAfter(after: number): Generator<Segment> {
    let next = Math.max(after, this.#state?.trimmed_through ?? 0) + 1
    while (next <= this.#head) {
      const segment = this.#tail.holding(next) ?? this.#readSegment(next)
      if (!segment) throw new Error(`the log has no segment for seq ${next} of ${this.#head}`)
      yield segment
      next = lastSeqOf(segment) + 1
    }
  }

  /** Drops all segments but keeps what deduplication needs of them. */
  trim(): void {
    const state = this.#state
    if (!state || state.trimmed_through === this.#head) return
    const entries = this.#metaOf('count > 0 AND body IS NOT NULL')
    let first = state.trimmed_through + 1
    this.#dropFrom(first)
    for (let at = 0; at < entries.byteLength; at += TRIMMED_META_BYTES) {
      const meta = entries.subarray(at / 4, (at + TRIMMED_META_BYTES) / 4)
      const count = meta.length / 4
      this.#insertTrimmed({ id: first * PARTS, count, recorded_at: this.#lastAt, meta })
      first += count
    }
    this.#tail.clear()
    this.#index.trimmed(state)
    this.update({ ...state, trimmed_through: this.#head })
  }

  /** Forgets everything up to `seq`, ids included. All of it gone, numbering begins again. */
  forgetThrough(seq: number, epoch: number, now: number, cleared_through: number): void {
    const state = this.#state
    if (!state) return
    this.#tail.clear()
    this.#index.forget(state)
    if (seq >= this.#head) {
      this.#emptySegments()
      this.#head = 0
      this.update({
        ...state,
        epoch,
        cleared_through,
        persisted_seq: 0,
        floor_seq: 0,
        trimmed_through: 0,
        first_at: now,
      })
      return
    }
    this.#sql.exec('DELETE FROM segments WHERE id < ?', (seq + 1) * PARTS)
    this.update({
      ...state,
      epoch,
      cleared_through,
      floor_seq: seq,
      trimmed_through: Math.max(state.trimmed_through, seq),
      persisted_seq: Math.max(state.persisted_seq, seq),
      first_at: this.#sql.exec<{ at: number | null }>('SELECT min(recorded_at) AS at FROM segments').one().at ?? now,
    })
  }

  /** The last seq recorded at or before `marker` (Unix ms); segments are in the order of their times. */
  lastSeqRecordedBy(marker: number): number {
    const row = this.#sql
      .exec<{ id: number; count: number }>(
        'SELECT id, count FROM segments WHERE count > 0 AND recorded_at <= ? ORDER BY id DESC LIMIT 1',
        marker,
      )
      .toArray()[0]
    return row ? row.id / PARTS + row.count - 1 : 0
  }

  /** Drops the segments from a seq on; what stands before it has been trimmed. In whichever way writes fewer rows. */
  #dropFrom(seq: number): void {
    const id = seq * PARTS
    const before = this.#sql
      .exec<TrimmedRow<ArrayBuffer>>('SELECT id, count, recorded_at, meta FROM segments WHERE id < ? ORDER BY id', id)
      .toArray()
    const { dropped } = this.#sql.exec<{ dropped: number }>('SELECT count(*) AS dropped FROM segments WHERE id >= ?', id).one()
    if (dropped <= before.length) {
      this.#sql.exec('DELETE FROM segments WHERE id >= ?', id)
      return
    }
    this.#emptySegments()
    for (const row of before) this.#insertTrimmed(row)
  }

  /** Each row that is deleted is charged for as one that is written, and a table that is dropped is not. */
  #emptySegments(): void {
    this.#sql.exec('DROP TABLE segments')
    this.#sql.exec(SEGMENTS_TABLE)
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

  #open(): LogState | null {
    const known = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'state'").toArray()
    if (known.length === 0) return null
    const row = this.#sql.exec<{ version: number; state: string }>('SELECT version, state FROM state').toArray()[0]
    if (!row) return null
    if (row.version > MIGRATIONS.length) {
      throw new Error(`the log was written by a newer version (${row.version}); this one knows ${MIGRATIONS.length}`)
    }
    const state = JSON.parse(row.state) as LogState
    if (row.version < MIGRATIONS.length) {
      for (const statement of MIGRATIONS.slice(row.version).flat()) this.#sql.exec(statement)
      this.update(state)
    }
    return state
  }

  #readHead(state: LogState): void {
    const row = this.#sql
      .exec<{ id: number; count: number; recorded_at: number }>(
        'SELECT id, count, recorded_at FROM segments WHERE count > 0 ORDER BY id DESC LIMIT 1',
      )
      .toArray()[0]
    this.#head = row ? row.id / PARTS + row.count - 1 : state.floor_seq
    this.#lastAt = row?.recorded_at ?? state.first_at
  }

  /** Ids and digests, four uint32 an event, of the segments that a condition selects. */
  #metaOf(condition: string): Uint32Array {
    const rows = this.#sql.exec<{ meta: ArrayBuffer }>(`SELECT meta FROM segments WHERE ${condition} ORDER BY id`).toArray()
    const events = rows.reduce((sum, row) => sum + row.meta.byteLength / 4 / META_WORDS, 0)
    const entries = new Uint32Array(events * 4)
    let to = 0
    for (const row of rows) {
      const meta = new Uint32Array(row.meta)
      for (let at = 0; at < meta.length; at += META_WORDS, to += 4) entries.set(meta.subarray(at, at + 4), to)
    }
    return entries
  }

  #readSegment(seq: number): Segment | null {
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

  #readBody(id: number): Uint8Array {
    const rows = this.#sql
      .exec<{ body: ArrayBuffer }>('SELECT body FROM segments WHERE id >= ? AND id < ? ORDER BY id', id, id + PARTS)
      .toArray()
    const first = rows[0]
    if (rows.length === 1 && first) return new Uint8Array(first.body)
    const body = new Uint8Array(rows.reduce((sum, row) => sum + row.body.byteLength, 0))
    let at = 0
    for (const row of rows) {
      body.set(new Uint8Array(row.body), at)
      at += row.body.byteLength
    }
    return body
  }
}
