import { AGENT_EVENT_TYPES, APPLICATION_EVENT_NAMES } from '../../../model/event-types.ts'

/** Event types that are known beforehand: Graphite's, and the one that Atlan's SDK publishes under by itself. */
export const EVENT_TYPES: readonly string[] = [...AGENT_EVENT_TYPES, 'application_events']
export const EVENT_NAMES: readonly string[] = APPLICATION_EVENT_NAMES

/** The words that hold the text, those first that begin with it. */
export function suggest(words: readonly string[], typed: string): readonly string[] {
  const wanted = typed.trim().toLowerCase()
  const places = new Map(words.map((word) => [word, word.toLowerCase().indexOf(wanted)]))
  const found = words.filter((word) => places.get(word) !== -1)
  return [...found.filter((word) => places.get(word) === 0), ...found.filter((word) => places.get(word) !== 0)]
}

/** The event type that someone typed into the wrong field. */
export function typeMeantBy(typed: string): string | null {
  return EVENT_TYPES.find((type) => type.toLowerCase() === typed.trim().toLowerCase()) ?? null
}
