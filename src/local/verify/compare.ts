/** An event as its conversation's log gives it. */
export interface LogEvent {
  readonly seq: number
  /** Verbatim. */
  readonly text: string
}

/** An event as a table of Postgres holds it. */
export interface StoredRow {
  readonly seq: number
  readonly event_id: string
  /** Place in the feed: a decimal bigint. */
  readonly position: string
  /** Verbatim. */
  readonly text: string
  /** It stands in the quarantine, which the feed leaves out. */
  readonly aside: boolean
}

export interface Difference {
  readonly kind: 'missing' | 'repeated' | 'out of order' | 'altered' | 'unknown' | 'gap'
  readonly seq: number
  /** Never event data. */
  readonly detail: string
}

export interface Compared {
  readonly differences: readonly Difference[]
  /** Events of the log that Postgres has. */
  readonly delivered: number
  /** Events of the log that need not be there yet. */
  readonly waiting: number
}

/** What is carried from one part of a conversation to the next. */
export interface Progress {
  /** The last seq seen in the log; null before the first. */
  seq: number | null
  /** The last position in the feed. */
  position: bigint
}

/**
 * Compares the next part of a conversation's log with the rows of the same seqs. `persistedSeq` is as far as Postgres has
 * confirmed the log, asked before the log was read: what follows it may be there or not.
 */
export function comparePart(
  log: readonly LogEvent[],
  rows: readonly StoredRow[],
  persistedSeq: number,
  progress: Progress,
): Compared {
  const differences: Difference[] = []
  const report = (kind: Difference['kind'], seq: number, detail: string) => differences.push({ kind, seq, detail })
  const bySeq = new Map<number, StoredRow>()
  for (const row of rows.toSorted((a, b) => a.seq - b.seq)) {
    const first = bySeq.get(row.seq)
    if (first) report('repeated', row.seq, `stands in Postgres as ${nameOf(first)} and as ${nameOf(row)}`)
    else bySeq.set(row.seq, row)
  }
  let delivered = 0
  let waiting = 0
  for (const { seq, text } of log) {
    if (progress.seq !== null && seq !== progress.seq + 1) report('gap', seq, `follows seq ${progress.seq} in the log`)
    progress.seq = seq
    const row = bySeq.get(seq)
    bySeq.delete(seq)
    if (!row) {
      if (seq <= persistedSeq) report('missing', seq, 'is confirmed to the log, and not in Postgres')
      else waiting += 1
      continue
    }
    delivered += 1
    if (row.event_id !== idOf(text)) report('altered', seq, `has another event id in Postgres: ${nameOf(row)}`)
    else if (row.text !== text) report('altered', seq, `has another text in Postgres: ${nameOf(row)}`)
    if (row.aside) continue
    const position = BigInt(row.position)
    if (position <= progress.position) report('out of order', seq, `stands in the feed before an earlier event: ${nameOf(row)}`)
    else progress.position = position
  }
  for (const row of bySeq.values()) report('unknown', row.seq, `is in Postgres and not in the log: ${nameOf(row)}`)
  return { differences, delivered, waiting }
}

function nameOf({ event_id, aside }: StoredRow): string {
  return `${JSON.stringify(event_id)}${aside ? ' in the quarantine' : ''}`
}

export function idOf(text: string): unknown {
  return (JSON.parse(text) as { readonly event_id?: unknown }).event_id
}
