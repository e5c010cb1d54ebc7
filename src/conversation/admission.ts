import { type DedupeIndex, META_DIGEST_HIGH, META_DIGEST_LOW, META_ID_HIGH, META_ID_LOW, META_WORDS } from './dedupe-index.ts'

export interface AdmissionRequest {
  /** Meta of the incoming events, `META_WORDS` uint32 each. */
  readonly meta: Uint32Array
  /** The head that the writer knows of, or undefined when it does not care. */
  readonly expected_seq?: number | undefined
  /** `reject`: a conflict refuses the whole batch. */
  readonly on_conflict: 'report' | 'reject'
}

export type Admission =
  | {
      readonly outcome: 'admitted'
      /** Places in the batch of the events to append, in order. */
      readonly fresh: readonly number[]
      readonly duplicates: number
      /** Places in the batch of events whose id stands with other content. */
      readonly conflicts: readonly number[]
      /** Lowest and highest seq that the batch's stored events have, new and repeated ones; 0 when there is none. */
      readonly first_seq: number
      readonly last_seq: number
      /** Highest seq at which any of the batch's ids stands, those of conflicts included; 0 when there is none. */
      readonly through_seq: number
    }
  | { readonly outcome: 'conflict'; readonly conflicts: readonly number[] }
  | { readonly outcome: 'wrong-expected-seq'; readonly expected_seq: number; readonly head_seq: number }

/**
 * Decides which events of a batch are new. The first write of an id wins, within the batch as well.
 *
 * A batch that brings nothing new passes whatever `expected_seq` says: it is a repeat whose first answer was lost, not
 * a race.
 */
export function admit(request: AdmissionRequest, index: DedupeIndex, headSeq: number): Admission {
  const { meta } = request
  const fresh: number[] = []
  const conflicts: number[] = []
  const inBatch = new Map<string, number>()
  let duplicates = 0
  let firstSeq = 0
  let lastSeq = 0
  let conflictSeq = 0
  const seen = (seq: number) => {
    if (firstSeq === 0 || seq < firstSeq) firstSeq = seq
    if (seq > lastSeq) lastSeq = seq
  }

  const count = meta.length / META_WORDS
  for (let place = 0; place < count; place++) {
    const at = place * META_WORDS
    const idHigh = meta[at + META_ID_HIGH] as number
    const idLow = meta[at + META_ID_LOW] as number
    const digestHigh = meta[at + META_DIGEST_HIGH] as number
    const digestLow = meta[at + META_DIGEST_LOW] as number

    const stored = index.seqOf(idHigh, idLow)
    if (stored !== 0) {
      if (index.hasContent(stored, digestHigh, digestLow)) {
        duplicates += 1
        seen(stored)
      } else {
        conflicts.push(place)
        conflictSeq = Math.max(conflictSeq, stored)
      }
      continue
    }
    const key = `${idHigh}.${idLow}`
    const earlier = inBatch.get(key)
    if (earlier !== undefined) {
      const same = meta[earlier + META_DIGEST_HIGH] === digestHigh && meta[earlier + META_DIGEST_LOW] === digestLow
      if (same) duplicates += 1
      else conflicts.push(place)
      continue
    }
    inBatch.set(key, at)
    fresh.push(place)
    seen(headSeq + fresh.length)
  }

  if (request.on_conflict === 'reject' && conflicts.length > 0) return { outcome: 'conflict', conflicts }
  const isRepeat = fresh.length === 0 && conflicts.length === 0
  if (request.expected_seq !== undefined && request.expected_seq !== headSeq && !isRepeat) {
    return { outcome: 'wrong-expected-seq', expected_seq: request.expected_seq, head_seq: headSeq }
  }
  const throughSeq = Math.max(lastSeq, conflictSeq)
  return { outcome: 'admitted', fresh, duplicates, conflicts, first_seq: firstSeq, last_seq: lastSeq, through_seq: throughSeq }
}
