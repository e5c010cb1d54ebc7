import type { Digest } from './digest-id.ts'
import { type EventText, type EventTextReading, NO_SINGLE_OBJECT } from './event-text.ts'
import { sliceEvents } from './slice.ts'

/** A text that passed every check of the service. */
export interface SlicedText extends EventText {
  /** Equal for texts of the same JSON value, see `sliceEvents`. */
  readonly digest: Digest
}

/** Reads an event's text as the service does with those that it is sent: for stores without a service behind them. */
export function readSlicedText(text: string): EventTextReading<SlicedText> {
  const sliced = sliceEvents(new TextEncoder().encode(text), 'json')
  if (!sliced.ok) return { ok: false, message: sliced.failure.message }
  const [slice] = sliced.events
  if (slice === undefined || !text.startsWith('{', slice.start) || slice.start !== text.search(/[^ \t\n\r]/)) {
    return { ok: false, message: NO_SINGLE_OBJECT }
  }
  return { ok: true, value: slice.value, event: { text: slice.text, bytes: slice.end - slice.start, digest: slice.digest } }
}
