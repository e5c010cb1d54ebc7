import { type DedupeIndex, META_ID_HIGH, META_ID_LOW, META_WORDS } from './dedupe-index.ts'

/** Where each event of an admitted and stored batch stands, new or not; 0 for the `conflicts` (places in the batch), which are left out. */
export function eventSeqs(meta: Uint32Array, index: DedupeIndex, conflicts: readonly number[]): number[] {
  const left = new Set(conflicts)
  return Array.from({ length: meta.length / META_WORDS }, (_, place) => {
    const at = place * META_WORDS
    return left.has(place) ? 0 : index.seqOf(meta[at + META_ID_HIGH] as number, meta[at + META_ID_LOW] as number)
  })
}
