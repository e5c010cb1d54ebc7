import { type EventText, type EventTextReading, NO_SINGLE_OBJECT } from '../model/event-text.ts'
import { MAX_EVENT_BYTES } from '../model/limits.ts'
import { utf8Bytes } from '../model/utf8-bytes.ts'

/**
 * Reads an event's text far enough to send it: one JSON value within the limit of its size. What else can be wrong with a
 * text (two members of one name, nesting without end) is found by the service, which refuses the request for it.
 */
export function readJsonText(given: string): EventTextReading<EventText> {
  let value: unknown
  try {
    value = JSON.parse(given)
  } catch {
    return { ok: false, message: 'is no JSON' }
  }
  if (Array.isArray(value)) return { ok: false, message: NO_SINGLE_OBJECT }
  // Around what was parsed there is none but JSON's own white space.
  const text = given.trim()
  const bytes = utf8Bytes(text)
  if (bytes > MAX_EVENT_BYTES)
    return { ok: false, message: `has ${bytes} bytes of JSON text: an event has at most ${MAX_EVENT_BYTES}` }
  return { ok: true, value, event: { text, bytes } }
}
