/** Longer texts are left as they are: two levels of indentation help nobody through them. */
const MAX_CHARACTERS = 200_000

/** What fits in a line stays in one. */
const LINE_CHARACTERS = 72

/**
 * The text of a JSON object or array with line breaks and indentation; null when it is none, or too long. Tokens stay as they were written:
 * no digit and no escape changes.
 */
export function indentJson(text: string): string | null {
  const trimmed = text.length > MAX_CHARACTERS ? '' : text.trim()
  if (!/^[[{]/.test(trimmed) || !isJson(trimmed)) return null
  const tokens = trimmed.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]|[^\s[\]{},:"]+/g) ?? []
  const short = tokens.map((token) => (token === ',' || token === ':' ? `${token} ` : token)).join('')
  if (short.length <= LINE_CHARACTERS) return short
  let depth = 0
  let before = ''
  let written = ''
  for (const token of tokens) {
    const closes = token === '}' || token === ']'
    const isAfterOpening = before === '{' || before === '['
    if (closes) depth--
    if (closes ? !isAfterOpening : isAfterOpening || before === ',') written += `\n${'  '.repeat(depth)}`
    written += token === ':' ? ': ' : token
    if (token === '{' || token === '[') depth++
    before = token
  }
  return written
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
