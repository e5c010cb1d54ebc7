/** The parts in one, with the byte `separator` between them if one is given. A part that stands alone is given back itself. */
export function joinBytes(parts: readonly Uint8Array[], separator?: number): Uint8Array {
  const [only] = parts
  if (only && parts.length === 1) return only
  const gap = separator === undefined ? 0 : 1
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + gap + part.byteLength, parts.length > 0 ? -gap : 0))
  if (separator !== undefined) joined.fill(separator)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.byteLength + gap
  }
  return joined
}
