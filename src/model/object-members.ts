const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const CLOSE_OBJECT = 0x7d
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, CLOSE_OBJECT])

/** Where a value's text stands, `end` exclusive, white space around it left out. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/**
 * The members of the object whose brace stands at `open`, by name (escapes resolved), with the places of their values.
 * The text must be valid JSON, and no object in it may have two members of one name, as `sliceEvents` sees to it.
 */
export function objectMembers(text: string, open: number): ReadonlyMap<string, TextRange> {
  const members = new Map<string, TextRange>()
  let at = skipSpace(text, open + 1)
  while (text.charCodeAt(at) !== CLOSE_OBJECT) {
    const nameEnd = stringEnd(text, at)
    const name = JSON.parse(text.slice(at, nameEnd)) as string
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1)
    const end = valueEnd(text, start)
    members.set(name, { start, end })
    at = skipSpace(text, end)
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1)
  }
  return members
}

function valueEnd(text: string, start: number): number {
  let depth = 0
  let at = start
  do {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = stringEnd(text, at)
    else {
      if (OPENING.has(code)) depth += 1
      else if (CLOSING.has(code)) depth -= 1
      else if (depth === 0) return scalarEnd(text, at)
      at += 1
    }
  } while (depth > 0)
  return at
}

/** Numbers, `true`, `false` and `null` end where the object goes on or closes. */
function scalarEnd(text: string, start: number): number {
  let at = start
  for (let code = text.charCodeAt(at); code !== COMMA && code !== CLOSE_OBJECT && !isSpace(code); code = text.charCodeAt(at))
    at += 1
  return at
}

/** The position after the string whose opening quote stands at `start`. */
export function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
  return at + 1
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (isSpace(text.charCodeAt(at))) at += 1
  return at
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}
