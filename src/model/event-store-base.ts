import type { AgentEvent, EventEnvelope } from './agent-events.ts'
import { checkAgentEvent } from './check-agent-event.ts'
import { EventCodec } from './codec.ts'
import type { Digest } from './digest-id.ts'
import type { EventHead } from './event-head.ts'
import type { EventStore, RecordResult } from './event-store.ts'
import { InvalidEventError, type InvalidEventIssue } from './invalid-event-error.ts'
import { MAX_REQUEST_EVENTS } from './limits.ts'
import { sliceEvents } from './slice.ts'

/** An event that passed every check, as it goes to a backend. */
export interface PreparedEvent {
  readonly conversation_id: string
  readonly head: EventHead
  /** The JSON text to store. */
  readonly text: string
  /** Equal for texts of the same JSON value, see `sliceEvents`. */
  readonly digest: Digest
}

export interface EventStoreOptions<Custom extends object = never> {
  /** Holds the application's own event classes; default: Graphite's alone. */
  readonly codec?: EventCodec<Custom> | undefined
}

/**
 * What every store has in common: events become checked JSON texts on their way in, and typed events on their way out.
 * A backend stores and finds texts. Its lists come in the order of recording.
 */
export abstract class EventStoreBase<Custom extends object = never> implements EventStore<Custom> {
  readonly #codec: EventCodec<Custom>

  constructor(options: EventStoreOptions<Custom> = {}) {
    this.#codec = options.codec ?? new EventCodec<Custom>()
  }

  /** Stores all or none. Never called without events. */
  protected abstract append(events: readonly PreparedEvent[]): Promise<RecordResult>
  protected abstract clear(): Promise<void>
  protected abstract all(): Promise<readonly string[]>
  protected abstract one(eventId: string): Promise<string | null>
  protected abstract ofAssistantRequest(assistantRequestId: string): Promise<readonly string[]>
  protected abstract ofConversation(conversationId: string): Promise<readonly string[]>
  /** Never called without offsets. */
  protected abstract ofTopic(name: string, offsets: readonly number[]): Promise<readonly string[]>

  /** Takes the event or its JSON text, which is then stored as it is. */
  recordEvent(event: EventEnvelope | AgentEvent | Custom | string): Promise<RecordResult> {
    return this.recordEvents([event])
  }

  async recordEvents(events: readonly (EventEnvelope | AgentEvent | Custom | string)[]): Promise<RecordResult> {
    if (events.length === 0) return { recorded: 0, duplicates: 0, conflicts: [], conversations: [] }
    return this.append(prepareEvents(this.#codec, events))
  }

  async clearEvents(): Promise<void> {
    await this.clear()
  }

  async getEvents(): Promise<(AgentEvent | Custom)[]> {
    return this.#codec.decodeAll(await this.all())
  }

  async getEvent(eventId: string): Promise<AgentEvent | Custom | null> {
    const text = await this.one(eventId)
    return text === null ? null : this.#codec.decode(text)
  }

  async getAgentEvents(assistantRequestId: string): Promise<(AgentEvent | Custom)[]> {
    return this.#codec.decodeAll(await this.ofAssistantRequest(assistantRequestId))
  }

  async getConversationEvents(conversationId: string): Promise<(AgentEvent | Custom)[]> {
    return this.#codec.decodeAll(await this.ofConversation(conversationId))
  }

  async getTopicEvents(name: string, offsets: readonly number[]): Promise<(AgentEvent | Custom)[]> {
    return offsets.length === 0 ? [] : this.#codec.decodeAll(await this.ofTopic(name, offsets))
  }
}

/** Encodes and checks events. Throws one `InvalidEventError` that names everything wrong with any of them. */
export function prepareEvents<Custom extends object>(
  codec: EventCodec<Custom>,
  events: readonly (EventEnvelope | AgentEvent | Custom | string)[],
): PreparedEvent[] {
  if (events.length > MAX_REQUEST_EVENTS) {
    throw new InvalidEventError([
      { index: MAX_REQUEST_EVENTS, path: '', message: `is one too many: record at most ${MAX_REQUEST_EVENTS} events at once` },
    ])
  }
  const issues: InvalidEventIssue[] = []
  const prepared: PreparedEvent[] = []
  for (const [index, event] of events.entries()) {
    const result = prepare(codec, event)
    if (result.ok) prepared.push(result.event)
    else issues.push(...result.issues.map((issue) => ({ index, ...issue })))
  }
  if (issues.length > 0) throw new InvalidEventError(issues)
  return prepared
}

type Prepared =
  | { readonly ok: true; readonly event: PreparedEvent }
  | { readonly ok: false; readonly issues: readonly { readonly path: string; readonly message: string }[] }

function prepare<Custom extends object>(
  codec: EventCodec<Custom>,
  event: EventEnvelope | AgentEvent | Custom | string,
): Prepared {
  let text: string
  try {
    text = typeof event === 'string' ? event : codec.encode(event)
  } catch {
    return refused('is no JSON value: record plain objects')
  }
  if (!text.isWellFormed()) return refused('holds half a surrogate pair: send it as an escape')
  const sliced = sliceEvents(new TextEncoder().encode(text), 'json')
  if (!sliced.ok) return refused(sliced.failure.message)
  const [slice] = sliced.events
  if (slice === undefined || !text.startsWith('{', slice.start) || slice.start !== text.search(/\S/)) {
    return refused('is an array: record its elements')
  }
  const check = checkAgentEvent(slice.value)
  if (!check.ok) return check
  const { conversation_id, head } = check
  return { ok: true, event: { conversation_id, head, text: slice.text, digest: slice.digest } }
}

function refused(message: string): Prepared {
  return { ok: false, issues: [{ path: '', message }] }
}
