const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])

/**
 * The texts of comma-joined JSON values, verbatim. Only for what the store itself has joined: every value is valid
 * JSON, and no white space stands around it that is not its own.
 */
export function cutElements(joined: string): string[] {
  const texts: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < joined.length; at++) {
    const code = joined.charCodeAt(at)
    if (code === QUOTE) {
      do {
        at += joined.charCodeAt(at) === BACKSLASH ? 2 : 1
      } while (at < joined.length && joined.charCodeAt(at) !== QUOTE)
    } else if (OPENING.has(code)) depth += 1
    else if (CLOSING.has(code)) depth -= 1
    else if (code === COMMA && depth === 0) {
      texts.push(joined.slice(start, at))
      start = at + 1
    }
  }
  texts.push(joined.slice(start))
  return texts
}
