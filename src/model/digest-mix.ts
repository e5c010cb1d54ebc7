/**
 * The arithmetic of the digests: two independent 32-bit lanes, both MurmurHash3's block step and finaliser (public domain,
 * Austin Appleby) with different constants. Digests are stored with the events: a change here makes every stored one worthless.
 */

/** First lane: one block of 4 bytes, MurmurHash3 x86_32. */
export function stepA(state: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  const h = state ^ k
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

/** Second lane: one block of 4 bytes, constants of MurmurHash3 x86_128. */
export function stepB(state: number, word: number): number {
  let k = Math.imul(word, 0xab0e9789)
  k = Math.imul((k << 16) | (k >>> 16), 0x38b34ae5)
  const h = state ^ k
  return (Math.imul((h << 17) | (h >>> 15), 5) + 0x0bcaa747) | 0
}

/** Spreads every bit of the state over the result; different states stay different. */
export function finish(state: number): number {
  let h = state ^ (state >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
