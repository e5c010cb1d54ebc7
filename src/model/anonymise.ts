import { eventTokens, replaceTokens } from './event-tokens.ts'

/** The event's identifiers, each once; then the names of unknown members, which may be people's as well. */
export function pseudonymisedTexts(eventText: string): string[] {
  const found = new Set<string>()
  for (const { kind, start, end } of eventTokens(eventText)) {
    if (kind === 'identifier' || kind === 'personal name') found.add(JSON.parse(eventText.slice(start, end)) as string)
  }
  found.delete('')
  return [...found]
}

/**
 * An event's text without what it says about people: a personal string becomes `[41 characters]`, an identifier and the name of
 * an unknown member their pseudonyms, a number where none is known 0. Empty strings stay. So do names, types, roles, times and the
 * numbers that are known, so that the graph, the summary and the durations are those of the event. `eventText` must be one JSON object.
 */
export function anonymise(eventText: string, pseudonym: (text: string) => string): string {
  const replacements: { start: number; end: number; json: string }[] = []
  for (const { kind, start, end } of eventTokens(eventText)) {
    if (kind === 'structural') continue
    if (kind === 'personal number') {
      replacements.push({ start, end, json: '0' })
      continue
    }
    const value = JSON.parse(eventText.slice(start, end)) as string
    if (value === '') continue
    const standIn = kind === 'personal' ? `[${characters(value)} characters]` : pseudonym(value)
    replacements.push({ start, end, json: JSON.stringify(standIn) })
  }
  return replaceTokens(eventText, replacements)
}

/** Code points: what stands beyond 16 bits counts once. */
function characters(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}
