import { hashId } from '../model/digest-id.ts'
import type { DedupeIndex } from './dedupe-index.ts'

export interface SeqRange {
  readonly found: boolean
  /** Exclusive. */
  readonly after: number
  /** Inclusive. */
  readonly until: number
}

/** Where to look for an event of a known id: at its one seq, without going through the heads. */
export function singleEvent(index: DedupeIndex, eventId: string, after: number, until: number): SeqRange {
  const [high, low] = hashId(eventId)
  const seq = index.seqOf(high, low)
  return seq > after && seq <= until ? { found: true, after: seq - 1, until: seq } : { found: false, after, until }
}
