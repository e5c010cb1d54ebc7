import { DedupeIndex, ENTRY_WORDS, META_WORDS, ROW_ENTRIES } from './dedupe-index.ts'
import { PARTS } from './segment.ts'

/** Appends until their entries are put together: as many rows are read at most, beside the blocks, when an object wakes to write. */
const BLOCK_SEGMENTS = 256

const TABLE = 'CREATE TABLE IF NOT EXISTS index_blocks (id INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT'

/**
 * What blocks hold: the entries after one seq up to another. They count while the log has that epoch and is trimmed up to `after`:
 * a version of the Worker that knows nothing of blocks trims and clears without them, and keeps this mark.
 */
export interface IndexMark {
  readonly epoch: number
  readonly after: number
  readonly through: number
}

/** Where the entries of a log stand. */
export interface IndexedLog {
  readonly epoch: number
  readonly floor_seq: number
  readonly trimmed_through: number
  readonly indexed?: IndexMark
}

/**
 * The dedupe index of a log, in memory from its first need on. Each segment holds the entries of its own events; since a row of one event
 * lies on disk beside its body, the entries of many are also kept in blocks, and waking does not read what a long log has of rows.
 */
export class StoredIndex {
  readonly #sql: SqlStorage
  readonly #blockSegments: number
  #index: DedupeIndex | null = null
  /** Segments whose entries no block has. */
  #segments = 0

  constructor(sql: SqlStorage, blockSegments = BLOCK_SEGMENTS) {
    this.#sql = sql
    this.#blockSegments = blockSegments
  }

  of(log: IndexedLog | null): DedupeIndex {
    this.#index ??= this.#read(log)
    return this.#index
  }

  /** Takes in the entries of the segment that `log` is getting. Answers with what blocks hold now, or null where that has not changed. */
  push(log: IndexedLog, meta: Uint32Array): IndexMark | null {
    const index = this.of(log)
    index.pushAll(meta, META_WORDS)
    this.#segments += 1
    if (this.#segments < this.#blockSegments) return null
    if (!hasBlocks(log)) {
      this.#sql.exec(TABLE)
      this.#sql.exec('DELETE FROM index_blocks')
    }
    const head = index.base + index.count
    for (let first = outsideOf(log) + 1; first <= head; first += ROW_ENTRIES) {
      const entries = index.entries(first, Math.min(first + ROW_ENTRIES - 1, head))
      this.#sql.exec('INSERT INTO index_blocks (id, entries) VALUES (?, ?)', first, entries)
    }
    this.#segments = 0
    return { epoch: log.epoch, after: log.trimmed_through, through: head }
  }

  /** The segments of `log` have been replaced by rows that hold nothing but entries. */
  trimmed(log: IndexedLog): void {
    this.#dropBlocks(log)
    this.#segments = 0
  }

  /** The first segments of `log` are gone, with their ids. */
  forget(log: IndexedLog): void {
    this.#dropBlocks(log)
    this.#index = null
  }

  #dropBlocks({ indexed }: IndexedLog): void {
    if (indexed) this.#sql.exec('DELETE FROM index_blocks')
  }

  #read(log: IndexedLog | null): DedupeIndex {
    const index = new DedupeIndex(log?.floor_seq ?? 0)
    this.#segments = 0
    if (!log) return index
    const { floor_seq, trimmed_through } = log
    if (trimmed_through > floor_seq) {
      const trimmed = 'SELECT meta AS entries FROM segments WHERE count > 0 AND id <= ? ORDER BY id'
      this.#pushRows(index, ENTRY_WORDS, trimmed, trimmed_through * PARTS)
    }
    if (hasBlocks(log)) this.#pushRows(index, ENTRY_WORDS, 'SELECT entries FROM index_blocks ORDER BY id')
    const others = 'SELECT meta AS entries FROM segments WHERE count > 0 AND id > ? ORDER BY id'
    this.#segments = this.#pushRows(index, META_WORDS, others, outsideOf(log) * PARTS)
    return index
  }

  /** Answers with the number of rows. */
  #pushRows(index: DedupeIndex, words: number, query: string, ...bindings: readonly number[]): number {
    let rows = 0
    for (const { entries } of this.#sql.exec<{ entries: ArrayBuffer }>(query, ...bindings)) {
      index.pushAll(new Uint32Array(entries), words)
      rows += 1
    }
    return rows
  }
}

function hasBlocks(log: IndexedLog): log is IndexedLog & { readonly indexed: IndexMark } {
  return log.indexed?.epoch === log.epoch && log.indexed.after === log.trimmed_through
}

/** The last seq whose entry stands anywhere else than in a segment that holds its event. */
function outsideOf(log: IndexedLog): number {
  return hasBlocks(log) ? log.indexed.through : log.trimmed_through
}
