import { cutElements } from '../../model/cut-elements.ts'
import { member, text, topicOf } from '../../model/event-context.ts'
import type { EventHead } from '../../model/event-head.ts'
import type { ConversationInfo, HistoryItem, HistoryPage, PendingEvents, QuarantinedEvent } from '../../model/history.ts'
import { MAX_PAGE_BYTES } from '../../model/limits.ts'

/** An event in its place. */
export interface Entry extends HistoryItem {
  readonly head: EventHead
  readonly recorded_at_ms: number
}

/** An event that was set aside. */
export interface Aside {
  readonly position: number
  readonly event: QuarantinedEvent
  readonly set_aside_at: string
}

/** What one tenant has. */
export class TenantHistory {
  entries: Entry[] = []
  byId = new Map<string, Entry>()
  conversations = new Map<string, Map<number, Entry>>()
  aside: Aside[] = []
  clearedThrough: number | undefined
  /** The markers of conversations that were cleared by themselves, by id. */
  clearedConversations = new Map<string, number>()

  /** Whether what stands at this place was set aside. */
  hasAside(conversationId: string, seq: number): boolean {
    return this.aside.some(({ event }) => event.conversation_id === conversationId && event.seq === seq)
  }

  /** Whether a clearing covers what the conversation recorded then, Unix ms. */
  covers(conversationId: string, recordedAt: number): boolean {
    return recordedAt <= Math.max(this.clearedThrough ?? -1, this.clearedConversations.get(conversationId) ?? -1)
  }

  /** When the first event of each conversation was recorded, Unix ms. */
  beginnings(): Map<string, number> {
    const first = new Map<string, number>()
    const take = (id: string, at: number) => first.set(id, Math.min(first.get(id) ?? at, at))
    for (const { conversation_id, recorded_at_ms } of this.entries) take(conversation_id, recorded_at_ms)
    for (const { event } of this.aside) take(event.conversation_id, event.recorded_at)
    return first
  }
}

/** Puts an entry where it is looked for. */
export function index(tenant: TenantHistory, entry: Entry): void {
  tenant.entries.push(entry)
  tenant.byId.set(entry.head.event_id, entry)
  const conversation = tenant.conversations.get(entry.conversation_id) ?? new Map<number, Entry>()
  conversation.set(entry.seq, entry)
  tenant.conversations.set(entry.conversation_id, conversation)
}

/** The events of a batch in their places. */
export function entriesOf(batch: PendingEvents): Omit<Entry, 'position'>[] {
  const heads = JSON.parse(`[${batch.heads}]`) as EventHead[]
  const texts = cutElements(batch.events)
  return batch.segments
    .flatMap(({ first_seq, count, recorded_at }) =>
      Array.from({ length: count }, (_, i) => ({ seq: first_seq + i, recorded_at_ms: recorded_at })),
    )
    .map(({ seq, recorded_at_ms }, place) => ({
      conversation_id: batch.conversation_id,
      seq,
      recorded_at_ms,
      recorded_at: new Date(recorded_at_ms).toISOString(),
      head: heads[place] as EventHead,
      event: texts[place] as string,
    }))
}

/** As it is shown among the others. */
export function asEntry({ position, event }: Aside): Entry {
  const value = JSON.parse(event.event) as Partial<EventHead>
  const topic = topicOf(member(value, 'event_context'))
  const head = {
    ...EMPTY_HEAD,
    ...value,
    event_id: event.event_id,
    topic_name: topic.name ?? text(member(member(value, 'metadata'), 'topic_name')),
    topic_offset: topic.offset,
  }
  return {
    position: String(position),
    conversation_id: event.conversation_id,
    seq: event.seq,
    recorded_at: new Date(event.recorded_at).toISOString(),
    recorded_at_ms: event.recorded_at,
    head,
    event: event.event,
  }
}

const EMPTY_HEAD: EventHead = {
  event_id: '',
  assistant_request_id: null,
  event_type: '',
  event_name: null,
  event_version: null,
  user_id: null,
  topic_name: null,
  topic_offset: null,
  timestamp: '',
}

export function infoOf(conversationId: string, entries: readonly Entry[]): ConversationInfo {
  const times = entries.map(({ recorded_at }) => recorded_at).sort()
  return {
    conversation_id: conversationId,
    head_seq: Math.max(...entries.map(({ seq }) => seq)),
    event_count: entries.length,
    first_at: times[0] as string,
    last_at: times.at(-1) as string,
  }
}

const encoder = new TextEncoder()

/** At most `limit` entries and `maxBytes` of event text, but always one if there is one. */
export function cutPage(entries: readonly Entry[], limit: number, maxBytes = MAX_PAGE_BYTES): HistoryPage {
  const byteLimit = Math.min(maxBytes, MAX_PAGE_BYTES)
  const items: HistoryItem[] = []
  let bytes = 0
  for (const entry of entries) {
    bytes += encoder.encode(entry.event).byteLength
    if (items.length === limit || (items.length > 0 && bytes > byteLimit)) return { items, more: true }
    items.push(entry)
  }
  return { items, more: false }
}
