import { abortable } from '../model/abortable.ts'
import type { AgentEvent, EventEnvelope } from '../model/agent-events.ts'
import { ConflictingEventsError } from '../model/conflict-errors.ts'
import type { CallOptions, RecordResult } from '../model/event-store.ts'
import { EventStoreBase, type EventStoreOptions, type PreparedEvent } from '../model/event-store-base.ts'
import type { EventText, EventTextReading } from '../model/event-text.ts'
import { InvalidEventError } from '../model/invalid-event-error.ts'
import type { StoredEvent } from '../model/stored-event.ts'
import { isPossibleId } from '../model/text-rules.ts'
import type { Timing } from '../model/timers.ts'
import { type BufferDeps, WriteBuffer } from './buffer/write-buffer.ts'
import type { ExchangeOptions } from './exchange.ts'
import { failure, understand } from './failure.ts'
import { readNotFound } from './failure-of-answer.ts'
import { readJsonText } from './json-text.ts'
import { endable } from './live/endable.ts'
import { follow } from './live/follow.ts'
import {
  type BufferOptions,
  hasConditions,
  type LiveConversationOptions,
  type LiveEventsOptions,
  type LiveOptions,
  type ReadAssistantRequestOptions,
  type ReadConversationOptions,
  type ReadEventsOptions,
  type RecordOptions,
  recordQuery,
} from './options.ts'
import { readItem, readItemText, type TextItem } from './page-texts.ts'
import { allTexts, eachItem, type PagedRead } from './paged-read.ts'
import { assistantRequestPath, conversationPath, eventPath, topicPath } from './paths.ts'
import { mergeResults, type RecordAnswer } from './record-answer.ts'
import { RequestConversations } from './request-conversations.ts'
import { Service } from './service.ts'
import { errorOfWholeList, splitEvents } from './split-events.ts'
import { topicTexts } from './topic-texts.ts'
import { type Query, withQuery } from './with-query.ts'

export interface HttpEventStoreOptions<Custom extends object = AgentEvent> extends EventStoreOptions<Custom>, ExchangeOptions {
  /** The tenant whose events `clearEvents` clears, by name against accidents. Default `default`. */
  readonly tenant?: string | undefined
  /** Gathers the events of many calls into requests: each costs less, and comes a few milliseconds later. */
  readonly buffer?: boolean | BufferOptions | undefined
}

/**
 * Graphite's event store through the HTTP API. Carries the session by itself, so that it reads what it wrote by every key,
 * however many calls run at once, and names the conversation in reads of requests that it recorded, so that these are
 * answered without Postgres. What fails for want of the service is repeated within bounds.
 *
 * A signal that aborts ends a call with its reason: what became of a recording is then unknown, and repeating it is safe.
 */
export class HttpEventStore<Custom extends object = AgentEvent> extends EventStoreBase<Custom> {
  readonly #service: Service
  readonly #tenant: string
  readonly #conversations = new RequestConversations()
  readonly #buffer: WriteBuffer | null
  readonly #closing = new AbortController()

  /** Throws `TypeError` for a URL or an option that cannot be used. `timing` is the tests' own. */
  constructor(options: HttpEventStoreOptions<Custom>, timing?: Timing) {
    super(options)
    this.#service = new Service(options, timing)
    this.#tenant = options.tenant ?? 'default'
    const { buffer = false } = options
    const deps: BufferDeps = {
      recordBatch: async (events) => (await this.#request(events, { list: 'events' }, undefined)).events ?? notListed(),
      recordCall: (events, asked) => this.#recordCall(events, asked),
      patienceMs: this.#service.exchange.patienceMs,
    }
    this.#buffer = buffer === false ? null : new WriteBuffer(deps, buffer === true ? {} : buffer)
  }

  /** As `recordEvents`. */
  override recordEvent(
    event: EventEnvelope | AgentEvent | NoInfer<Custom> | string,
    options: RecordOptions = {},
  ): Promise<RecordResult> {
    return super.recordEvent(event, options)
  }

  /**
   * Resolves once the events are durable, buffered or not. A list beyond the limits of a request goes in several, one after
   * the other, and is answered as one: when it fails a part may be recorded, and repeating the call is safe. Throws
   * `InvalidEventError` before anything is sent for all that the client can check, `WrongExpectedSeqError` and `ConflictingEventsError` where asked for, and
   * `EventPersistenceError` when the service does not serve, or when the buffer is full.
   */
  override recordEvents(
    events: readonly (EventEnvelope | AgentEvent | NoInfer<Custom> | string)[],
    options: RecordOptions = {},
  ): Promise<RecordResult> {
    const result = super.recordEvents(events, options)
    // Who does not wait for it is told by `flush`.
    if (this.#buffer) result.catch((thrown) => options.signal?.aborted || this.#buffer?.noteFailure(thrown))
    return result
  }

  /**
   * Every event, or those asked for, in the order of recording: page by page as they are taken. Events that the codec cannot decode
   * are logged and left out. Go on later from the last item's `cursor`.
   */
  readEvents(options: ReadEventsOptions = {}): AsyncGenerator<StoredEvent<AgentEvent | NoInfer<Custom>>, void, undefined> {
    const { signal, after, limit, order, eventType, eventName, topicName, since, until } = options
    const query = { order, event_type: eventType, event_name: eventName, topic_name: topicName, since, until }
    return this.#stored({ ...this.#historyRead('readEvents', '/v1/events', query), after, limit }, null, signal)
  }

  /** As `getEvent`, with the event's place: its seq in its conversation and its cursor in the feed. */
  async readEvent(eventId: string, { signal }: CallOptions = {}): Promise<StoredEvent<AgentEvent | NoInfer<Custom>> | null> {
    signal?.throwIfAborted()
    if (this.encrypts) await this.encrypted({ signal })
    const item = isPossibleId(eventId) ? await this.#item('readEvent', eventId, readItem, signal) : null
    const event = item && (await this.decode(item.text, { signal }))
    return event && { seq: item.seq, cursor: item.cursor, recorded_at: item.recorded_at, event }
  }

  /** A conversation's events in the order of seq, as `readEvents`. */
  readConversation(
    conversationId: string,
    options: ReadConversationOptions = {},
  ): AsyncGenerator<StoredEvent<AgentEvent | NoInfer<Custom>>, void, undefined> {
    const { signal, after, limit, untilSeq, eventType } = options
    const query = { until_seq: untilSeq, event_type: eventType }
    const read = this.#conversationRead('readConversation', conversationId, conversationPath(conversationId, 'events'), query)
    return this.#stored({ ...read, after, limit }, conversationId, signal, isPossibleId(conversationId))
  }

  /** The events of one assistant request in the order of recording, as `readEvents`. */
  readAssistantRequest(
    assistantRequestId: string,
    options: ReadAssistantRequestOptions = {},
  ): AsyncGenerator<StoredEvent<AgentEvent | NoInfer<Custom>>, void, undefined> {
    const { signal, after, limit, conversationId = null } = options
    const read = { ...this.#assistantRequestRead('readAssistantRequest', assistantRequestId, conversationId), limit }
    const isPossible = isPossibleId(assistantRequestId) && (conversationId === null || isPossibleId(conversationId))
    return this.#stored({ ...read, after }, conversationId, signal, isPossible)
  }

  /**
   * A conversation's events in the order of seq, those that there are and then each as it is recorded, in whichever way. Goes on
   * for ever, over lost connections and a service that is away, each event once. Ends when the reader stops, the signal aborts or
   * the store is closed; throws `EventPersistenceError` for what cannot heal, such as a key without the right. Events that the
   * codec cannot decode are logged and left out. Waits for nothing that is buffered.
   */
  live(
    conversationId: string,
    options: LiveConversationOptions = {},
  ): AsyncGenerator<StoredEvent<AgentEvent | NoInfer<Custom>>, void, undefined> {
    const read = this.#conversationRead('live', conversationId, conversationPath(conversationId, 'live'))
    return this.#live({ ...read, after: options.after }, options, isPossibleId(conversationId))
  }

  /** Every event of the feed, or those asked for, in its order, as `live`. What is new alone comes after the cursor of the newest. */
  liveEvents(options: LiveEventsOptions = {}): AsyncGenerator<StoredEvent<AgentEvent | NoInfer<Custom>>, void, undefined> {
    const { after, eventType, eventName, topicName } = options
    const query = { event_type: eventType, event_name: eventName, topic_name: topicName }
    return this.#live({ ...this.#historyRead('liveEvents', '/v1/events/live', query), after }, options)
  }

  /** Resolves when all that was recorded before is settled; rejects with the first failure since the last flush. Nothing to do without a buffer. */
  async flush(): Promise<void> {
    if (this.encrypts) await this.allEncrypted()
    await this.#buffer?.flush()
  }

  /** As `flush`; live reads end, and from now on every call is refused. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  protected override readText(text: string): EventTextReading<EventText> {
    return readJsonText(text)
  }

  protected override hold(events: readonly PreparedEvent[]): () => void {
    return this.#buffer?.hold(events) ?? super.hold(events)
  }

  protected override async append(events: readonly PreparedEvent[], options: RecordOptions): Promise<RecordResult> {
    return this.#buffer ? this.#buffer.record(events, options) : this.#recordCall(events, options)
  }

  protected override async clear({ signal }: CallOptions): Promise<void> {
    await this.#ready('clearEvents', null, signal)
    const path = withQuery('/v1/events', { confirm: this.#tenant })
    await this.#service.callClearing({ operation: 'clearEvents', method: 'DELETE', path, signal }, null)
    this.#conversations.forget()
  }

  protected override async clearOne(conversationId: string, { signal }: CallOptions): Promise<number> {
    const operation = 'clearConversation'
    await this.#ready(operation, conversationId, signal)
    const path = withQuery(conversationPath(conversationId), { confirm: conversationId })
    return this.#service.callClearing({ operation, method: 'DELETE', path, signal }, conversationId)
  }

  protected override async all({ signal }: CallOptions): Promise<string[]> {
    await this.#ready('getEvents', null, signal)
    return allTexts(this.#historyRead('getEvents', '/v1/events'), signal)
  }

  protected override one(eventId: string, { signal }: CallOptions): Promise<string | null> {
    return this.#item('getEvent', eventId, readItemText, signal)
  }

  protected override async ofAssistantRequest(assistantRequestId: string, { signal }: CallOptions): Promise<string[]> {
    // What is buffered may be about the request in whichever conversation.
    await this.#ready('getAgentEvents', null, signal)
    const conversation = this.#conversations.of(assistantRequestId)
    return allTexts(this.#assistantRequestRead('getAgentEvents', assistantRequestId, conversation), signal)
  }

  protected override async ofConversation(conversationId: string, { signal }: CallOptions): Promise<string[]> {
    const operation = 'getConversationEvents'
    await this.#ready(operation, conversationId, signal)
    return allTexts(this.#conversationRead(operation, conversationId, conversationPath(conversationId, 'events')), signal)
  }

  protected override async ofTopic(name: string, offsets: readonly number[], { signal }: CallOptions): Promise<string[]> {
    await this.#ready('getTopicEvents', null, signal)
    return topicTexts(this.#historyRead('getTopicEvents', topicPath(name)), offsets, signal)
  }

  async #recordCall(events: readonly PreparedEvent[], options: RecordOptions): Promise<RecordResult> {
    const { parts, conflicts } = splitEvents(events)
    if (options.onConflict === 'reject' && conflicts.length > 0) {
      throw new ConflictingEventsError({ conflicts, partlyRecorded: false })
    }
    if (hasConditions(options) && (parts.length > 1 || conflicts.length > 0)) {
      const why =
        "expectedSeq and onConflict: 'reject' are for what fits one request, and this list does not. Nothing was recorded"
      throw failure('recordEvents', why, { refusesData: true })
    }
    const results: RecordResult[] = []
    for (const part of parts) {
      try {
        results.push(await this.#request(part, recordQuery(options), options.signal))
      } catch (thrown) {
        throw thrown instanceof InvalidEventError ? errorOfWholeList(thrown, part, events, results.length > 0) : thrown
      }
    }
    return mergeResults([...results, { recorded: 0, duplicates: 0, conflicts, conversations: [] }])
  }

  async #request(events: readonly PreparedEvent[], query: Query, signal: AbortSignal | undefined): Promise<RecordAnswer> {
    // Before it is known what became of it: the answer may get lost.
    for (const { head, conversation_id } of events) this.#conversations.note(head.assistant_request_id, conversation_id)
    return this.#service.record(`[${events.map(({ text }) => text).join(',')}]`, query, signal)
  }

  async #item<T>(
    operation: string,
    eventId: string,
    read: (answer: string) => T,
    signal: AbortSignal | undefined,
  ): Promise<T | null> {
    await this.#ready(operation, null, signal)
    const path = eventPath(eventId)
    // Without it the address of an event with the id `live` is that of the live feed.
    const headers = { Accept: 'application/json' }
    const answer = await this.#service.callHistory({ operation, method: 'GET', path, headers, expected: [404], signal })
    return understand<T | null>(operation, answer.text, answer.status === 404 ? readNotFound : read)
  }

  async *#stored(
    read: PagedRead,
    conversationId: string | null,
    signal: AbortSignal | undefined,
    isPossible = true,
  ): AsyncGenerator<StoredEvent<AgentEvent | NoInfer<Custom>>, void, undefined> {
    signal?.throwIfAborted()
    if (this.encrypts) await this.encrypted({ signal })
    await this.#ready(read.operation, conversationId, signal)
    if (!isPossible) return
    yield* this.#decoded(eachItem(read, signal), signal)
  }

  #live(
    read: PagedRead,
    options: LiveOptions,
    isPossible = true,
  ): AsyncGenerator<StoredEvent<AgentEvent | NoInfer<Custom>>, void, undefined> {
    const items = async function* (this: HttpEventStore<Custom>, signal: AbortSignal) {
      this.refuseIfClosed(read.operation)
      if (isPossible) yield* this.#decoded(follow(read, options, this.#service.exchange, signal), signal)
    }
    return endable((signal) => items.call(this, signal), options.signal, this.#closing.signal)
  }

  async *#decoded(
    items: AsyncIterable<TextItem>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<StoredEvent<AgentEvent | NoInfer<Custom>>, void, undefined> {
    for await (const { seq, cursor, recorded_at, text } of items) {
      const event = await this.decode(text, { signal })
      if (event !== null) yield { seq, cursor, recorded_at, event }
    }
  }

  /** Waits for what a read or a clearing has to see of what is buffered: all, or what is about one conversation. */
  async #ready(operation: string, conversationId: string | null, signal: AbortSignal | undefined): Promise<void> {
    this.refuseIfClosed(operation)
    if (this.#buffer) await abortable(this.#buffer.settled(conversationId ?? undefined), signal)
  }

  protected override refuseIfClosed(operation: string): void {
    if (!this.#closing.signal.aborted) return
    throw failure(operation, 'the store is closed')
  }

  #historyRead(operation: string, path: string, query: Query = {}): PagedRead {
    return { operation, path, query, call: (request) => this.#service.callHistory(request) }
  }

  #conversationRead(operation: string, conversationId: string, path: string, query: Query = {}): PagedRead {
    return { operation, path, query, call: (request) => this.#service.callConversation(request, conversationId) }
  }

  #assistantRequestRead(operation: string, assistantRequestId: string, conversationId: string | null): PagedRead {
    const path = assistantRequestPath(assistantRequestId, 'events')
    return conversationId === null
      ? this.#historyRead(operation, path)
      : this.#conversationRead(operation, conversationId, path, { conversation_id: conversationId })
  }
}

/** Refuses the request, whose calls then go one by one. */
function notListed(): never {
  throw failure('recordEvents', 'the service did not tell what became of each event', { refusesData: true })
}
