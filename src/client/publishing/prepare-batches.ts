import { checkApplicationEvent } from '../../model/application-events.ts'
import type { EventText } from '../../model/event-text.ts'
import { stringifyJson } from '../../model/json.ts'
import { MAX_REQUEST_BYTES, MAX_REQUEST_CONVERSATIONS } from '../../model/limits.ts'
import { pack } from '../../model/pack.ts'
import { readJsonText } from '../json-text.ts'

export type Preparation = { readonly ok: true; readonly event: EventText } | { readonly ok: false; readonly reason: string }

/** Each event may belong to a conversation of its own; beside it stands a comma, and brackets around all. */
const BATCH_LIMITS = { items: MAX_REQUEST_CONVERSATIONS, bytes: MAX_REQUEST_BYTES - 2 }

/**
 * The event as it is sent, after most checks that the service makes, so that one event that it would refuse seldom takes
 * others along. The reason never quotes the event. Throws what the event's own members throw when they are read.
 */
export function prepareEvent(event: object): Preparation {
  let text: string
  try {
    text = stringifyJson(event)
  } catch (thrown) {
    // A cycle, or a value that JSON lacks; what members throw themselves is no TypeError of ours to hide.
    if (thrown instanceof TypeError) return { ok: false, reason: 'is no JSON value: publish plain objects' }
    throw thrown
  }
  const reading = readJsonText(text)
  if (!reading.ok) return { ok: false, reason: reading.message }
  const check = checkApplicationEvent(reading.value)
  if (!check.ok) return { ok: false, reason: check.issues.map(({ path, message }) => `${path} ${message}`.trim()).join('; ') }
  return { ok: true, event: reading.event }
}

/** The events of each request, in order: one request where they fit. */
export function batchesOf(events: readonly EventText[]): (readonly EventText[])[] {
  return pack(events, ({ bytes }) => bytes + 1, BATCH_LIMITS)
}
