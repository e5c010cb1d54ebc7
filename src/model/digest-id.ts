import { finish, stepA, stepB } from './digest-mix.ts'

/** 64 bits as two unsigned 32-bit integers, the high half first. */
export type Digest = readonly [hi: number, lo: number]

/**
 * The 64-bit hash of an event id, over its UTF-16 code units. Not cryptographic: equal hashes suggest equal ids, different
 * hashes prove different ones. Stable: it is stored beside the events.
 */
export function hashId(id: string): [hi: number, lo: number] {
  const length = id.length
  let a = 0x69640a
  let b = 0x69640b
  let i = 0
  for (; i + 1 < length; i += 2) {
    const word = id.charCodeAt(i) | (id.charCodeAt(i + 1) << 16)
    a = stepA(a, word)
    b = stepB(b, word)
  }
  if (i < length) {
    a = stepA(a, id.charCodeAt(i))
    b = stepB(b, id.charCodeAt(i))
  }
  return [finish(a ^ length) >>> 0, finish(b ^ length) >>> 0]
}
