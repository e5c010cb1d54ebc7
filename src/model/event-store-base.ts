import { abortable } from './abortable.ts'
import { type AgentEvent, type EventEnvelope, isTopicOffset } from './agent-events.ts'
import { checkAgentEvent } from './check-agent-event.ts'
import { EventCodec } from './codec.ts'
import type { EventEncryption } from './event-encryption.ts'
import type { EventHead } from './event-head.ts'
import type { CallOptions, EventStore, RecordResult } from './event-store.ts'
import type { EventText, EventTextReading } from './event-text.ts'
import { InvalidEventError, type InvalidEventIssue } from './invalid-event-error.ts'
import type { EventIssue } from './issues.ts'
import { MissingJsonSupport } from './json.ts'
import { isPossibleId } from './text-rules.ts'
import { Turns } from './turns.ts'

/** An event that passed every check, as it goes to a backend. */
export type PreparedEvent<Text extends EventText = EventText> = Text & {
  readonly conversation_id: string
  readonly head: EventHead
}

export interface EventStoreOptions<Custom extends object = AgentEvent> {
  /** Holds the application's own event classes; default: Graphite's alone. */
  readonly codec?: EventCodec<Custom> | undefined
  /** Of `eventEncryption`. Events are recorded encrypted and read decrypted; default: as they are. */
  readonly encryption?: EventEncryption | undefined
}

/** Ids of missing keys that are told of once. */
const MAX_TOLD = 10_000

/**
 * What every store has in common: events become checked JSON texts on their way in, and typed events on their way out.
 * A backend stores and finds texts. Its lists come in the order of recording.
 */
export abstract class EventStoreBase<Custom extends object = AgentEvent, Text extends EventText = EventText>
  implements EventStore<Custom>
{
  protected readonly codec: EventCodec<Custom>
  readonly #encryption: EventEncryption | undefined
  /** In which recorded events come to the backend, however long the encryption of each takes. */
  readonly #turns = new Turns()
  #told = new Set<string>()

  constructor(options: EventStoreOptions<Custom> = {}) {
    this.codec = options.codec ?? new EventCodec<Custom>()
    this.#encryption = options.encryption
  }

  /** Reads the text of an event that is to be recorded. */
  protected abstract readText(text: string): EventTextReading<Text>
  /** Never called without events. */
  protected abstract append(events: readonly PreparedEvent<Text>[], options: CallOptions): Promise<RecordResult>
  protected abstract clear(options: CallOptions): Promise<void>
  protected abstract clearOne(conversationId: string, options: CallOptions): Promise<number>
  protected abstract all(options: CallOptions): Promise<readonly string[]>
  protected abstract one(eventId: string, options: CallOptions): Promise<string | null>
  protected abstract ofAssistantRequest(assistantRequestId: string, options: CallOptions): Promise<readonly string[]>
  protected abstract ofConversation(conversationId: string, options: CallOptions): Promise<readonly string[]>
  /** Ids are possible ones here, as everywhere. Never called without offsets, or with such as no event can have. */
  protected abstract ofTopic(name: string, offsets: readonly number[], options: CallOptions): Promise<readonly string[]>

  /** Takes the event or its JSON text, which is then stored as it is. */
  recordEvent(event: EventEnvelope | AgentEvent | NoInfer<Custom> | string, options: CallOptions = {}): Promise<RecordResult> {
    return this.recordEvents([event], options)
  }

  async recordEvents(
    events: readonly (EventEnvelope | AgentEvent | NoInfer<Custom> | string)[],
    options: CallOptions = {},
  ): Promise<RecordResult> {
    options.signal?.throwIfAborted()
    if (!Array.isArray(events)) throw new TypeError('recordEvents takes a list of events')
    if (events.length === 0) return { recorded: 0, duplicates: 0, conflicts: [], conversations: [] }
    this.refuseIfClosed('recordEvents')
    const prepared = this.#prepareAll(events)
    if (!this.#encryption) return this.append(prepared, options)
    const { signal } = options
    const release = this.hold(prepared)
    const encrypting = abortable(this.#encryptAll(prepared, this.#encryption, signal), signal)
    encrypting.catch(release)
    const recording = this.#turns.take(encrypting, (encrypted) => {
      release()
      signal?.throwIfAborted()
      return this.append(encrypted, options)
    })
    return abortable(recording, signal)
  }

  async clearEvents(options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    if (this.encrypts) await this.encrypted(options)
    await this.clear(options)
  }

  async clearConversation(conversationId: string, options: CallOptions = {}): Promise<number> {
    options.signal?.throwIfAborted()
    if (this.encrypts) await this.encrypted(options)
    return isPossibleId(conversationId) ? this.clearOne(conversationId, options) : 0
  }

  async getEvents(options: CallOptions = {}): Promise<(AgentEvent | NoInfer<Custom>)[]> {
    options.signal?.throwIfAborted()
    if (this.encrypts) await this.encrypted(options)
    return this.#decodeAll(await this.all(options), options)
  }

  async getEvent(eventId: string, options: CallOptions = {}): Promise<AgentEvent | NoInfer<Custom> | null> {
    options.signal?.throwIfAborted()
    if (this.encrypts) await this.encrypted(options)
    const text = isPossibleId(eventId) ? await this.one(eventId, options) : null
    return text === null ? null : this.decode(text, options)
  }

  async getAgentEvents(assistantRequestId: string, options: CallOptions = {}): Promise<(AgentEvent | NoInfer<Custom>)[]> {
    options.signal?.throwIfAborted()
    if (this.encrypts) await this.encrypted(options)
    return isPossibleId(assistantRequestId)
      ? this.#decodeAll(await this.ofAssistantRequest(assistantRequestId, options), options)
      : []
  }

  async getConversationEvents(conversationId: string, options: CallOptions = {}): Promise<(AgentEvent | NoInfer<Custom>)[]> {
    options.signal?.throwIfAborted()
    if (this.encrypts) await this.encrypted(options)
    return isPossibleId(conversationId) ? this.#decodeAll(await this.ofConversation(conversationId, options), options) : []
  }

  async getTopicEvents(
    name: string,
    offsets: readonly number[],
    options: CallOptions = {},
  ): Promise<(AgentEvent | NoInfer<Custom>)[]> {
    options.signal?.throwIfAborted()
    const possible = isPossibleId(name) ? offsets.filter(isTopicOffset) : []
    if (this.encrypts) await this.encrypted(options)
    return possible.length === 0 ? [] : this.#decodeAll(await this.ofTopic(name, possible, options), options)
  }

  /** Throws where the store takes no more calls. */
  protected refuseIfClosed(_operation: string): void {}

  /** Keeps room for events that are being encrypted, until the function that it gives is called. Throws when there is none. */
  protected hold(_events: readonly PreparedEvent[]): () => void {
    return () => {}
  }

  /** Whether events take time on their way to the backend. */
  protected get encrypts(): boolean {
    return this.#encryption !== undefined
  }

  /** Resolves when what was recorded before is with the backend or has failed on its way there, after a while in any case. */
  protected encrypted({ signal }: CallOptions): Promise<void> {
    return abortable(this.#turns.past(), signal)
  }

  /** As `encrypted`, however long it takes. */
  protected allEncrypted(): Promise<void> {
    return this.#turns.allPast()
  }

  /** The typed event of a stored text; null, and a line in the log, for one that cannot be read. */
  protected async decode(stored: string, { signal }: CallOptions): Promise<AgentEvent | NoInfer<Custom> | null> {
    if (!this.#encryption) return this.codec.decode(stored)
    const decrypted = await abortable(this.#encryption.decrypt(stored), signal)
    if (!decrypted.ok) return this.codec.skip(stored, decrypted.reason)
    for (const keyId of decrypted.missing) this.#tellMissing(keyId)
    return this.codec.decode(decrypted.text)
  }

  async #decodeAll(stored: readonly string[], options: CallOptions): Promise<(AgentEvent | NoInfer<Custom>)[]> {
    if (!this.#encryption) return this.codec.decodeAll(stored)
    const events: (AgentEvent | NoInfer<Custom>)[] = []
    for (const text of stored) {
      const event = await this.decode(text, options)
      if (event !== null) events.push(event)
    }
    return events
  }

  #tellMissing(keyId: string): void {
    if (this.#told.has(keyId)) return
    if (this.#told.size === MAX_TOLD) this.#told.clear()
    this.#told.add(keyId)
    this.codec.note(`There is no key ${JSON.stringify(keyId)}: what it encrypted is left as it is`)
  }

  async #encryptAll(
    prepared: readonly PreparedEvent<Text>[],
    encryption: EventEncryption,
    signal: AbortSignal | undefined,
  ): Promise<PreparedEvent<Text>[]> {
    const issues: InvalidEventIssue[] = []
    const events: PreparedEvent<Text>[] = []
    for (const [index, event] of prepared.entries()) {
      signal?.throwIfAborted()
      const { conversation_id, head } = event
      const { event_id, event_type, assistant_request_id, user_id } = head
      const chosenBy = { event_id, event_type, conversation_id, assistant_request_id, user_id }
      const encrypted = await encryption.encrypt(event.text, chosenBy)
      const reading = encrypted.ok ? this.readText(encrypted.text) : encrypted
      if (reading.ok) events.push({ ...reading.event, conversation_id, head })
      else {
        const message = encrypted.ok ? `cannot be recorded encrypted, where it ${reading.message}` : reading.message
        issues.push({ index, path: '', message })
      }
    }
    if (issues.length > 0) throw new InvalidEventError(issues)
    return events
  }

  /** Throws one `InvalidEventError` that names everything wrong with any of them. */
  #prepareAll(events: readonly (EventEnvelope | AgentEvent | Custom | string)[]): PreparedEvent<Text>[] {
    const issues: InvalidEventIssue[] = []
    const prepared: PreparedEvent<Text>[] = []
    for (const [index, event] of events.entries()) {
      const result = this.#prepare(event)
      if (result.ok) prepared.push(result.event)
      else issues.push(...result.issues.map((issue) => ({ index, ...issue })))
    }
    if (issues.length > 0) throw new InvalidEventError(issues)
    return prepared
  }

  #prepare(event: EventEnvelope | AgentEvent | Custom | string): Prepared<Text> {
    let text: string
    try {
      text = typeof event === 'string' ? event : this.codec.encode(event)
    } catch (thrown) {
      if (thrown instanceof MissingJsonSupport) throw thrown
      return refused('is no JSON value: record plain objects')
    }
    if (!text.isWellFormed()) return refused('holds half a surrogate pair: send it as an escape')
    const reading = this.readText(text)
    if (!reading.ok) return refused(reading.message)
    const check = checkAgentEvent(reading.value)
    if (!check.ok) return check
    const { conversation_id, head } = check
    const misfit = this.codec.misfit(head.event_type, text)
    if (misfit !== null) return refused(`cannot be read by the event class of its type: ${misfit}`)
    return { ok: true, event: { ...reading.event, conversation_id, head } }
  }
}

type Prepared<Text extends EventText> =
  | { readonly ok: true; readonly event: PreparedEvent<Text> }
  | { readonly ok: false; readonly issues: readonly EventIssue[] }

function refused(message: string): { readonly ok: false; readonly issues: readonly EventIssue[] } {
  return { ok: false, issues: [{ path: '', message }] }
}
