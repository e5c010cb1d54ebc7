import type { Digest } from './digest-id.ts'
import { scanValue, skipSpace } from './slice-scan.ts'
import { HASH_A, HASH_B, newScan, OUT } from './slice-string.ts'

/**
 * The digest of one event's JSON text, as `sliceEvents` gives it with the event. Equal for texts that differ only in whitespace
 * between tokens, order of members and escapes in strings; a digit of a number counts as it is written. Not cryptographic.
 * Throws when the text is not one JSON value: it is meant for texts that have been admitted.
 */
export function digestOfText(text: string): Digest {
  const body = new TextEncoder().encode(text)
  const scan = newScan(body)
  const after = scanValue(scan, skipSpace(scan, 0, body.length), body.length)
  if (after < 0 || skipSpace(scan, after, body.length) < body.length)
    throw new Error('digestOfText: the text is not one JSON value')
  return [(OUT[HASH_A] as number) >>> 0, (OUT[HASH_B] as number) >>> 0]
}
