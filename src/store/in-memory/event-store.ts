import type { AgentEvent } from '../../model/agent-events.ts'
import { ConversationRanges } from '../../model/conversation-ranges.ts'
import { matchesFilter } from '../../model/event-filter.ts'
import type { RecordResult } from '../../model/event-store.ts'
import { EventStoreBase, type PreparedEvent } from '../../model/event-store-base.ts'
import type { EventTextReading } from '../../model/event-text.ts'
import { readSlicedText, type SlicedText } from '../../model/sliced-text.ts'

interface Recorded extends PreparedEvent<SlicedText> {
  readonly seq: number
}

/**
 * Graphite's event store in the memory of one process: for development, tests and continuous integration. Takes no
 * options beyond the codec, needs nothing else, and forgets everything with the process.
 */
export class InMemoryEventStore<Custom extends object = AgentEvent> extends EventStoreBase<Custom, SlicedText> {
  #events: Recorded[] = []
  readonly #byId = new Map<string, Recorded>()
  readonly #heads = new Map<string, number>()

  protected override readText(text: string): EventTextReading<SlicedText> {
    return readSlicedText(text)
  }

  protected override async append(events: readonly PreparedEvent<SlicedText>[]): Promise<RecordResult> {
    const ranges = new ConversationRanges()
    const conflicts = new Set<string>()
    let recorded = 0
    let duplicates = 0
    for (const event of events) {
      const known = this.#byId.get(event.head.event_id)
      if (known && (known.digest[0] !== event.digest[0] || known.digest[1] !== event.digest[1])) {
        conflicts.add(event.head.event_id)
        continue
      }
      if (known) duplicates += 1
      else recorded += 1
      const { conversation_id, seq } = known ?? this.#add(event)
      ranges.include(conversation_id, seq)
    }
    return {
      recorded,
      duplicates,
      conflicts: [...conflicts],
      conversations: ranges.all(),
    }
  }

  protected override async clear(): Promise<void> {
    this.#events = []
    this.#byId.clear()
    this.#heads.clear()
  }

  protected override async clearOne(conversationId: string): Promise<number> {
    const before = this.#events
    this.#events = before.filter((event) => event.conversation_id !== conversationId)
    for (const event of before) if (event.conversation_id === conversationId) this.#byId.delete(event.head.event_id)
    this.#heads.delete(conversationId)
    return before.length - this.#events.length
  }

  protected override async all(): Promise<string[]> {
    return this.#events.map((event) => event.text)
  }

  protected override async one(eventId: string): Promise<string | null> {
    return this.#byId.get(eventId)?.text ?? null
  }

  protected override async ofAssistantRequest(assistantRequestId: string): Promise<string[]> {
    return this.#select((event) => event.head.assistant_request_id === assistantRequestId)
  }

  protected override async ofConversation(conversationId: string): Promise<string[]> {
    return this.#select((event) => event.conversation_id === conversationId)
  }

  protected override async ofTopic(name: string, offsets: readonly number[]): Promise<string[]> {
    return this.#select((event) => matchesFilter(event.head, { topic: { name, offsets } }))
  }

  #add(event: PreparedEvent<SlicedText>): Recorded {
    const seq = (this.#heads.get(event.conversation_id) ?? 0) + 1
    const added = { ...event, seq }
    this.#heads.set(event.conversation_id, seq)
    this.#byId.set(event.head.event_id, added)
    this.#events.push(added)
    return added
  }

  #select(wanted: (event: Recorded) => boolean): string[] {
    return this.#events.filter(wanted).map((event) => event.text)
  }
}
