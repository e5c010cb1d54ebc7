import { type DedupeIndex, META_WORDS } from './dedupe-index.ts'
import { ITEM_FRAME_BYTES } from './render-items.ts'
import { type Draft, lastSeqOf, type Segment } from './segment.ts'
import { SegmentTable } from './segment-table.ts'
import { type IndexMark, StoredIndex } from './stored-index.ts'
import { TailCache } from './tail-cache.ts'

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

/**
 * Storage changes, in order; one that has run anywhere is never edited. `state.version` tells how many have run. Tables that only some
 * objects need are made with their first row, by whoever writes it.
 * The small columns stand before `body`, so that reading them does not touch the pages that a body overflows to.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE segments (id INTEGER PRIMARY KEY, count INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
       meta BLOB NOT NULL, heads TEXT NOT NULL, body BLOB) STRICT`,
    'CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, state TEXT NOT NULL) STRICT',
  ],
]

/** A conversation's segments in the object's SQLite: one row an append. */
export class SegmentLog {
  readonly #sql: SqlStorage
  readonly #segments: SegmentTable
  readonly #tail = new TailCache()
  readonly #index: StoredIndex
  #state: LogState | null
  #head = 0
  #lastAt = 0

  constructor(sql: SqlStorage, blockSegments?: number) {
    this.#sql = sql
    this.#segments = new SegmentTable(sql)
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
    this.#segments.insert(segment)
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
      const segment = this.#tail.holding(next) ?? this.#segments.holding(next)
      if (!segment) throw new Error(`the log has no segment for seq ${next} of ${this.#head}`)
      yield segment
      next = lastSeqOf(segment) + 1
    }
  }

  /** Drops all segments but keeps what deduplication needs of them. */
  trim(): void {
    const state = this.#state
    if (!state || state.trimmed_through === this.#head) return
    this.#segments.trimFrom(state.trimmed_through + 1)
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
      this.#segments.empty()
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
    this.#segments.deleteThrough(seq)
    this.update({
      ...state,
      epoch,
      cleared_through,
      floor_seq: seq,
      trimmed_through: Math.max(state.trimmed_through, seq),
      persisted_seq: Math.max(state.persisted_seq, seq),
      first_at: this.#segments.firstRecordedAt() ?? now,
    })
  }

  /** The last seq recorded at or before `marker` (Unix ms); segments are in the order of their times. */
  lastSeqRecordedBy(marker: number): number {
    return this.#segments.lastSeqRecordedBy(marker)
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
    const last = this.#segments.last()
    this.#head = last?.last_seq ?? state.floor_seq
    this.#lastAt = last?.recorded_at ?? state.first_at
  }
}
