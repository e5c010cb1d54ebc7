import type * as z from 'zod'
import { AGENT_EVENT_SCHEMAS, type AgentEvent, type EventEnvelope } from './agent-events.ts'
import { member } from './event-context.ts'
import { isPayloadObject } from './event-payload.ts'
import { describeIssue, toEventIssues } from './issues.ts'
import { MissingJsonSupport, parseJson, stringifyJson } from './json.ts'
import { MAX_ID_LENGTH } from './limits.ts'

export type Decoded<E> = { readonly ok: true; readonly event: E } | { readonly ok: false; readonly reason: string }

/** How events of one type become typed events. The reason of a failure must not hold the event's content: it is logged. */
export interface EventClass<E> {
  readonly type: string
  readonly parse: (event: unknown) => Decoded<E>
}

/** The event class of an application's own type: the schema's output is the event. An event that it transforms needs a `toJSON`. */
export function eventClass<E>(type: string, schema: z.ZodType<E>): EventClass<E> {
  return { type, parse: (event) => parseWith(schema, event, (output) => output) }
}

export interface EventCodecOptions<Custom> {
  readonly classes?: readonly EventClass<Custom>[]
  /** Takes one line for every event that is skipped: its id, its type and the reason, never its content. */
  readonly log?: (line: string) => void
}

/**
 * Turns stored events into typed ones through a registry of event classes, to which applications add their own types.
 * As in Graphite, one event that does not decode is logged and skipped and never makes a conversation unreadable.
 */
export class EventCodec<Custom extends object = AgentEvent> {
  readonly #classes = new Map<string, EventClass<AgentEvent | Custom>>(GRAPHITE_CLASSES)
  readonly #log: (line: string) => void

  constructor(options: EventCodecOptions<Custom> = {}) {
    this.#log = options.log ?? ((line) => console.warn(line))
    for (const added of options.classes ?? []) this.register(added)
  }

  /** Adds a type, or replaces how a known type is decoded. */
  register(added: EventClass<AgentEvent | Custom>): void {
    this.#classes.set(added.type, added)
  }

  eventClass(type: string): EventClass<AgentEvent | Custom> | undefined {
    return this.#classes.get(type)
  }

  /**
   * The typed event from its JSON text or parsed value; null, and a line in the log, when the text is no JSON, the type is
   * missing or unknown, or the payload does not fit. Throws where the engine has no `JSON.rawJSON`. Members that the type does not name are kept. An application event that no
   * class is registered for is null without a line: it stands in the same store and is nothing that went wrong.
   */
  decode(stored: string | object): AgentEvent | Custom | null {
    let value: unknown = stored
    if (typeof stored === 'string') {
      try {
        value = parseJson(stored)
      } catch (thrown) {
        if (thrown instanceof MissingJsonSupport) throw thrown
        return this.skip(undefined, 'it is no valid JSON')
      }
    }
    const { event_type: type } = labels(value)
    if (typeof type !== 'string') return this.skip(value, 'it has no event type')
    const known = this.#classes.get(type)
    if (isApplicationEvent(value) && (!known || known === GRAPHITE_CLASSES.get(type))) return null
    if (!known) return this.skip(value, 'its event type is unknown: register an event class for it')
    const decoded = tryParsing(known, value)
    return decoded.ok ? decoded.event : this.skip(value, decoded.reason)
  }

  /** Why the event of that text would be skipped by the class that the application registered for its type; null without such a class. */
  misfit(type: string, text: string): string | null {
    const own = this.#classes.get(type)
    if (!own || own === GRAPHITE_CLASSES.get(type)) return null
    const decoded = tryParsing(own, parseJson(text))
    return decoded.ok ? null : decoded.reason
  }

  /** Decodes what can be decoded, in the same order. */
  decodeAll(stored: Iterable<string | object>): (AgentEvent | Custom)[] {
    const events: (AgentEvent | Custom)[] = []
    for (const one of stored) {
      const event = this.decode(one)
      if (event !== null) events.push(event)
    }
    return events
  }

  /** The JSON text to record, every number exact. Throws `TypeError` when the event is no JSON object. */
  encode(event: EventEnvelope | AgentEvent | Custom): string {
    return stringifyJson(event)
  }

  /** Logs why an event, its text or its value, is left out. The reason must not hold the event's content. */
  skip(stored: unknown, reason: string): null {
    const { event_id, event_type } = labels(typeof stored === 'string' ? parsed(stored) : stored)
    this.#log(`Skipped event ${label(event_id)} of type ${label(event_type)}: ${reason}`)
    return null
  }

  /** Logs a line about what was read. */
  note(line: string): void {
    this.#log(line)
  }
}

/** Graphite's events are given as they were parsed, so that member order and odd member names survive too. */
const GRAPHITE_CLASSES: ReadonlyMap<string, EventClass<AgentEvent>> = new Map(
  Object.entries(AGENT_EVENT_SCHEMAS).map(([type, schema]) => [
    type,
    { type, parse: (event) => parseWith<AgentEvent, AgentEvent>(schema, event, () => event as AgentEvent) },
  ]),
)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function tryParsing<E>(known: EventClass<E>, value: unknown): Decoded<E> {
  try {
    return known.parse(value)
  } catch {
    return { ok: false, reason: 'its event class threw an error' }
  }
}

function parseWith<Output, E>(schema: z.ZodType<Output>, event: unknown, toEvent: (output: Output) => E): Decoded<E> {
  const result = schema.safeParse(event, { error: describeIssue })
  if (result.success) return { ok: true, event: toEvent(result.data) }
  const [first] = toEventIssues(result.error.issues)
  // Only the path: the message of an application's schema may quote the event.
  return { ok: false, reason: `its payload does not fit at ${JSON.stringify(first?.path ?? '')}` }
}

function labels(value: unknown): { readonly event_id?: unknown; readonly event_type?: unknown } {
  return typeof value === 'object' && value !== null ? value : {}
}

/** Whether this is what applications publish: with metadata where agent events have their context. */
function isApplicationEvent(value: unknown): boolean {
  return member(value, 'event_context') === undefined && isPayloadObject(member(value, 'metadata'))
}

/** Quoted and cut, so that a hostile id can neither break the line nor flood the log. */
function label(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, MAX_ID_LENGTH)) : '(none)'
}
