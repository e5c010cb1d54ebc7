import type { AgentEvent } from '../../model/agent-events.ts'
import { ConversationRanges } from '../../model/conversation-ranges.ts'
import { digestOfText } from '../../model/digest.ts'
import type { CallOptions, RecordResult } from '../../model/event-store.ts'
import { EventStoreBase, type EventStoreOptions, type PreparedEvent } from '../../model/event-store-base.ts'
import type { EventTextReading } from '../../model/event-text.ts'
import type { HistoryPage, PageRequest } from '../../model/history.ts'
import { MAX_PAGE_ITEMS } from '../../model/limits.ts'
import { readSlicedText, type SlicedText } from '../../model/sliced-text.ts'
import { assistantRequestEvents } from './assistant-request-events.ts'
import { clearAll, clearConversation } from './clear.ts'
import { type Connection, connect, endedBy } from './connection.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { conversationEvents } from './conversation-events.ts'
import { event } from './event.ts'
import { feed } from './feed.ts'
import { firstTexts } from './first-texts.ts'
import { recordEvents } from './record-events.ts'
import { topicEvents } from './topic-events.ts'

export interface PostgresEventStoreOptions<Custom extends object = AgentEvent>
  extends ConnectionOptions,
    EventStoreOptions<Custom> {
  readonly tenant: string
}

/**
 * Graphite's event store straight on PostgreSQL, without the Worker: for Node applications, tools and imports. The events of a call
 * go in one request, whose JSON may have 10 MiB; `recordEvents` throws an `EventPersistenceError` that `refusesData` beyond.
 *
 * Its role needs the rights of `event_store_worker`, and of `event_store_maintenance` where `clearEvents` or `clearConversation` is called.
 *
 * It numbers a conversation's events itself. A tenant has one way of writing: this store (any number of instances), or the service,
 * never both. After an answer was lost, the repeat counts events as duplicates that the first attempt recorded.
 */
export class PostgresEventStore<Custom extends object = AgentEvent> extends EventStoreBase<Custom, SlicedText> {
  readonly #connection: Connection
  readonly #tenant: string

  constructor(options: PostgresEventStoreOptions<Custom>) {
    super(options)
    this.#connection = connect(options)
    this.#tenant = options.tenant
  }

  protected override readText(text: string): EventTextReading<SlicedText> {
    return readSlicedText(text)
  }

  protected override async append(events: readonly PreparedEvent<SlicedText>[], { signal }: CallOptions): Promise<RecordResult> {
    const connection = endedBy(this.#connection, signal)
    const { recorded, conversations, known } = await recordEvents(connection, this.#tenant, events)
    const conflicts = new Set<string>()
    const ranges = new ConversationRanges(conversations)
    let duplicates = 0
    const other = known.filter(({ same_text }) => !same_text).map(({ index }) => (events[index] as PreparedEvent).head.event_id)
    const texts = await firstTexts(connection, this.#tenant, [...new Set(other)])
    for (const { index, same_text, conversation_id, seq } of known) {
      const { head, digest } = events[index] as PreparedEvent<SlicedText>
      if (same_text || isSameValue(texts.get(head.event_id), digest)) {
        duplicates += 1
        ranges.include(conversation_id, seq)
      } else conflicts.add(head.event_id)
    }
    return { recorded, duplicates, conflicts: [...conflicts], conversations: ranges.all() }
  }

  protected override async clear({ signal }: CallOptions): Promise<void> {
    await clearAll(endedBy(this.#connection, signal), this.#tenant)
  }

  protected override clearOne(conversationId: string, { signal }: CallOptions): Promise<number> {
    return clearConversation(endedBy(this.#connection, signal), this.#tenant, conversationId)
  }

  protected override all({ signal }: CallOptions): Promise<string[]> {
    const connection = endedBy(this.#connection, signal)
    return allTexts((page) => feed(connection, this.#tenant, { ...page, order: 'asc' }))
  }

  protected override async one(eventId: string, { signal }: CallOptions): Promise<string | null> {
    return (await event(endedBy(this.#connection, signal), this.#tenant, eventId))?.event ?? null
  }

  protected override ofAssistantRequest(id: string, { signal }: CallOptions): Promise<string[]> {
    const connection = endedBy(this.#connection, signal)
    return allTexts((page) => assistantRequestEvents(connection, this.#tenant, id, page))
  }

  protected override ofConversation(id: string, { signal }: CallOptions): Promise<string[]> {
    const connection = endedBy(this.#connection, signal)
    return allTexts(
      (page) => conversationEvents(connection, this.#tenant, id, page),
      (item) => String(item.seq),
    )
  }

  protected override ofTopic(name: string, offsets: readonly number[], { signal }: CallOptions): Promise<string[]> {
    const connection = endedBy(this.#connection, signal)
    return allTexts((page) => topicEvents(connection, this.#tenant, { name, offsets }, page))
  }
}

function isSameValue(text: string | undefined, [hi, lo]: SlicedText['digest']): boolean {
  const first = text === undefined ? null : digestOfText(text)
  return first !== null && first[0] === hi && first[1] === lo
}

async function allTexts(
  read: (page: PageRequest) => Promise<HistoryPage>,
  cursor: (item: HistoryPage['items'][number]) => string = (item) => item.position,
): Promise<string[]> {
  const texts: string[] = []
  let after: string | undefined
  for (;;) {
    const { items, more } = await read({ after, limit: MAX_PAGE_ITEMS })
    for (const item of items) texts.push(item.event)
    const last = items.at(-1)
    if (!more || last === undefined) return texts
    after = cursor(last)
  }
}
