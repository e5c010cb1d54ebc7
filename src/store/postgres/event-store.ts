import type { AgentEvent } from '../../model/agent-events.ts'
import { ConversationRanges } from '../../model/conversation-ranges.ts'
import { digestOfText } from '../../model/digest.ts'
import type { RecordResult } from '../../model/event-store.ts'
import { EventStoreBase, type EventStoreOptions, type PreparedEvent } from '../../model/event-store-base.ts'
import type { EventTextReading } from '../../model/event-text.ts'
import type { HistoryPage, PageRequest } from '../../model/history.ts'
import { MAX_PAGE_ITEMS } from '../../model/limits.ts'
import { readSlicedText, type SlicedText } from '../../model/sliced-text.ts'
import { assistantRequestEvents } from './assistant-request-events.ts'
import { clearAll } from './clear.ts'
import { type Connection, type ConnectionOptions, connect } from './connection.ts'
import { conversationEvents } from './conversation-events.ts'
import { event } from './event.ts'
import { feed } from './feed.ts'
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
 * Its role needs the rights of `event_store_worker`, and of `event_store_maintenance` where `clearEvents` is called.
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

  protected override async append(events: readonly PreparedEvent<SlicedText>[]): Promise<RecordResult> {
    const { recorded, conversations, known } = await recordEvents(this.#connection, this.#tenant, events)
    const conflicts = new Set<string>()
    const ranges = new ConversationRanges(conversations)
    let duplicates = 0
    for (const { index, same_text, conversation_id, seq } of known) {
      const repeated = events[index] as PreparedEvent<SlicedText>
      if (same_text || (await this.#sameValue(repeated))) {
        duplicates += 1
        ranges.include(conversation_id, seq)
      } else conflicts.add(repeated.head.event_id)
    }
    return { recorded, duplicates, conflicts: [...conflicts], conversations: ranges.all() }
  }

  async #sameValue(repeated: PreparedEvent<SlicedText>): Promise<boolean> {
    const first = await event(this.#connection, this.#tenant, repeated.head.event_id)
    if (first === null) return false
    const [hi, lo] = digestOfText(first.event)
    return hi === repeated.digest[0] && lo === repeated.digest[1]
  }

  protected override async clear(): Promise<void> {
    await clearAll(this.#connection, this.#tenant)
  }

  protected override all(): Promise<string[]> {
    return allTexts((page) => feed(this.#connection, this.#tenant, { ...page, order: 'asc' }))
  }

  protected override async one(eventId: string): Promise<string | null> {
    return (await event(this.#connection, this.#tenant, eventId))?.event ?? null
  }

  protected override ofAssistantRequest(id: string): Promise<string[]> {
    return allTexts((page) => assistantRequestEvents(this.#connection, this.#tenant, id, page))
  }

  protected override ofConversation(id: string): Promise<string[]> {
    return allTexts(
      (page) => conversationEvents(this.#connection, this.#tenant, id, page),
      (item) => String(item.seq),
    )
  }

  protected override ofTopic(name: string, offsets: readonly number[]): Promise<string[]> {
    return allTexts((page) => topicEvents(this.#connection, this.#tenant, { name, offsets }, page))
  }
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
