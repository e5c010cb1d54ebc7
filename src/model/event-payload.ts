import { MissingJsonSupport, parseJson } from './json.ts'

/** A nested event or a message. A message follows OpenAI's chat message; its `timestamp` is integer nanoseconds, above 2^53. */
export type PayloadObject = Record<string, unknown>

/** What a component took or gave, or a topic carries: nested events or messages, as JSON values or as JSON text. */
export type EventPayload = PayloadObject | PayloadObject[] | string

/**
 * The events or messages of a payload as a list, whichever form it has, every number exact.
 * Empty when there is none, or when the text is no JSON; items that are no objects are left out.
 */
export function payloadItems(payload: EventPayload | null | undefined): PayloadObject[] {
  const value = typeof payload === 'string' ? parseText(payload) : payload
  return (Array.isArray(value) ? value : [value]).filter(isPayloadObject)
}

function parseText(text: string): unknown {
  try {
    return parseJson(text)
  } catch (thrown) {
    if (thrown instanceof MissingJsonSupport) throw thrown
    return null
  }
}

/** Whether the value is a JSON object: no array, not null. */
export function isPayloadObject(value: unknown): value is PayloadObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
