export interface TextLimits {
  readonly characters: number
  readonly lines: number
}

/** The beginning of a text within limits, never half a character; the text itself when it fits, or all but fits. */
export function cutText(text: string, { characters, lines }: TextLimits): string {
  // What is hidden should be worth a click.
  if (text.length <= characters * 1.25 && endOfLine(text, Math.ceil(lines * 1.25)) >= text.length) return text
  const end = Math.min(characters, endOfLine(text, lines))
  const code = text.charCodeAt(end - 1)
  return text.slice(0, code >= 0xd800 && code < 0xdc00 ? end - 1 : end)
}

/** The length of the first so many lines. */
function endOfLine(text: string, lines: number): number {
  let end = -1
  for (let line = 0; line < lines; line++) {
    end = text.indexOf('\n', end + 1)
    if (end < 0) return text.length
  }
  return end
}
