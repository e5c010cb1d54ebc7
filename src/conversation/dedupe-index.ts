/** Bytes a segment keeps of each event for deduplication and cutting: five little-endian uint32, see `META_*`. */
const META_BYTES = 20

/** Positions within an event's meta, in uint32: the hash of its id, the digest of its content, its length in bytes. */
export const META_WORDS = META_BYTES / 4
export const META_ID_HIGH = 0
export const META_ID_LOW = 1
export const META_DIGEST_HIGH = 2
export const META_DIGEST_LOW = 3
export const META_LENGTH = 4

/** uint32 of an event's entry, the first of its meta: the hash of its id and the digest of its content. */
export const ENTRY_WORDS = 4

/** Entries that one row holds at most: 1 MiB, of the 2 MB that SQLite in an object takes. */
export const ROW_ENTRIES = 65_536

const INITIAL_ENTRIES = 64

/**
 * Which event ids a conversation holds, at which seq and with which content.
 *
 * Entries stand in the order of seq without gaps, so an entry's place is its seq; 16 bytes an event and a table of
 * 4-byte slots at most three quarters full. A million events take 24 MB. Two ids that share all 64 bits of the hash
 * are taken for one: among a million events the chance of that is one in 30 million.
 */
export class DedupeIndex {
  /** Seq of the event before the first entry. */
  readonly base: number
  #count = 0
  #entries = new Uint32Array(INITIAL_ENTRIES * 4)
  #slots = new Uint32Array(INITIAL_ENTRIES * 2)

  constructor(base: number) {
    this.base = base
  }

  get count(): number {
    return this.#count
  }

  /** The seq of an id's event, or 0. */
  seqOf(idHigh: number, idLow: number): number {
    const mask = this.#slots.length - 1
    let slot = (idLow ^ Math.imul(idHigh, 0x9e3779b1)) & mask
    for (;;) {
      const entry = this.#slots[slot] as number
      if (entry === 0) return 0
      const at = (entry - 1) * 4
      if (this.#entries[at] === idHigh && this.#entries[at + 1] === idLow) return this.base + entry
      slot = (slot + 1) & mask
    }
  }

  hasContent(seq: number, digestHigh: number, digestLow: number): boolean {
    const at = (seq - this.base - 1) * 4
    return this.#entries[at + 2] === digestHigh && this.#entries[at + 3] === digestLow
  }

  /** Appends the entry of the next seq. An id that stands already keeps its first seq. */
  push(idHigh: number, idLow: number, digestHigh: number, digestLow: number): void {
    if ((this.#count + 1) * 4 > this.#entries.length) this.#growEntries()
    if ((this.#count + 1) * 4 > this.#slots.length * 3) this.#growSlots()
    const at = this.#count * 4
    this.#entries[at] = idHigh
    this.#entries[at + 1] = idLow
    this.#entries[at + 2] = digestHigh
    this.#entries[at + 3] = digestLow
    this.#count += 1
    this.#occupy(idHigh, idLow, this.#count)
  }

  /** Appends the entries of consecutive events from their meta, `words` uint32 apart. */
  pushAll(meta: Uint32Array, words: number): void {
    for (let at = 0; at + 3 < meta.length; at += words) {
      this.push(meta[at] as number, meta[at + 1] as number, meta[at + 2] as number, meta[at + 3] as number)
    }
  }

  /** The entries of the events from one seq to another, four uint32 each: a view. */
  entries(firstSeq: number, lastSeq: number): Uint32Array {
    return this.#entries.subarray((firstSeq - this.base - 1) * 4, (lastSeq - this.base) * 4)
  }

  #occupy(idHigh: number, idLow: number, entry: number): void {
    const mask = this.#slots.length - 1
    let slot = (idLow ^ Math.imul(idHigh, 0x9e3779b1)) & mask
    for (;;) {
      const taken = this.#slots[slot] as number
      if (taken === 0) break
      const at = (taken - 1) * 4
      if (this.#entries[at] === idHigh && this.#entries[at + 1] === idLow) return
      slot = (slot + 1) & mask
    }
    this.#slots[slot] = entry
  }

  #growEntries(): void {
    const entries = new Uint32Array(this.#entries.length * 2)
    entries.set(this.#entries)
    this.#entries = entries
  }

  #growSlots(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2)
    for (let entry = 1; entry <= this.#count; entry++) {
      const at = (entry - 1) * 4
      this.#occupy(this.#entries[at] as number, this.#entries[at + 1] as number, entry)
    }
  }
}
