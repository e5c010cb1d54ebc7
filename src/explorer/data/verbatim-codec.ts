import { type AgentEvent, EventCodec, type JsonValue, parseJson } from '../../client/index.ts'

/** An event as the store keeps it, beside what it says. */
export class ReadEvent {
  /** The stored JSON text, character for character. */
  readonly text: string
  /** The typed event; null when it is none of Graphite's, or does not fit its type. */
  readonly known: AgentEvent | null
  /** The parsed text, numbers beyond 2^53 as `RawJson`; null when it is no JSON. */
  readonly raw: JsonValue

  constructor(text: string, known: AgentEvent | null, raw: JsonValue) {
    this.text = text
    this.known = known
    this.raw = raw
  }
}

/** Decodes every event, whatever it is, and keeps its text: an explorer shows what other readers skip. */
export class VerbatimCodec extends EventCodec<ReadEvent> {
  readonly #graphite = new EventCodec({ log: () => undefined })

  override decode(stored: string | object): ReadEvent {
    const text = typeof stored === 'string' ? stored : JSON.stringify(stored)
    const raw = parse(text)
    return new ReadEvent(text, typeof raw === 'object' && raw !== null ? this.#graphite.decode(raw) : null, raw)
  }
}

function parse(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}
