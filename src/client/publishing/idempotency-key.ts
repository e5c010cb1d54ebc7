/**
 * The key as its header carries it: percent-encoded but for printable ASCII, so that no two keys become one. Headers
 * change other characters and drop spaces at the ends. Throws for text that is not well-formed.
 */
export function headerOfKey(key: string): string {
  try {
    return String(key).replace(/[^!-$&-~]+/g, encodeURIComponent)
  } catch {
    throw new Error('the idempotency key has half of a surrogate pair: give it well-formed text')
  }
}
