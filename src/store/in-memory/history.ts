import { conversationKind } from '../../model/conversation-kind.ts'
import { matchesFilter } from '../../model/event-filter.ts'
import { throughOf } from '../../model/followed-page.ts'
import {
  type AppendOutcome,
  type ClearedConversation,
  type ConversationPage,
  type ConversationQuery,
  type ConversationsRequest,
  DUPLICATE_EVENT_ID,
  type Emptied,
  type EventHistory,
  type ExpiredConversation,
  type FeedQuery,
  type FollowedPage,
  type FollowQuery,
  type HistoryItem,
  type HistoryPage,
  type PageRequest,
  type PendingEvents,
  type QuarantinedEvent,
  type QuarantinePage,
  type SetAside,
  type TopicFilter,
} from '../../model/history.ts'
import type {
  ActivityPoint,
  ActivityQuery,
  AssistantsActivity,
  TimeRange,
  UnfinishedPage,
  UnfinishedQuery,
} from '../../model/monitor.ts'
import { compareInstants, toInstant } from '../../model/timestamp.ts'
import { type Aside, asEntry, cutPage, type Entry, entriesOf, index, infoOf, TenantHistory } from './entries.ts'
import { activityOf, assistantsOf, unfinishedOf } from './monitor.ts'

/** The history in the memory of one process: for development and tests, with the rules of the one in PostgreSQL. */
export class InMemoryHistory implements EventHistory {
  readonly #tenants = new Map<string, TenantHistory>()
  #position = 0

  async append(batches: readonly PendingEvents[]): Promise<AppendOutcome> {
    const cleared = new Map<string, number>()
    const clearedConversations: ClearedConversation[] = []
    const setAside: SetAside[] = []
    for (const batch of batches) {
      const tenant = this.#tenant(batch.tenant)
      if (tenant.clearedThrough !== undefined) cleared.set(batch.tenant, tenant.clearedThrough)
      const through = tenant.clearedConversations.get(batch.conversation_id)
      if (through !== undefined)
        clearedConversations.push({ tenant: batch.tenant, conversation_id: batch.conversation_id, through })
      for (const entry of entriesOf(batch)) {
        if (tenant.covers(entry.conversation_id, entry.recorded_at_ms)) continue
        const { conversation_id, seq } = entry
        const { event_id } = entry.head
        const known = tenant.byId.get(event_id)
        if (known?.conversation_id === conversation_id && known.seq === seq) continue
        // What was set aside stays so when it is repeated, though a clearing has freed its id meanwhile.
        if (!known && !tenant.hasAside(conversation_id, seq)) {
          this.#insert(tenant, entry)
          continue
        }
        setAside.push({ tenant: batch.tenant, conversation_id, seq, event_id, code: DUPLICATE_EVENT_ID })
        if (!known) continue
        await this.quarantine({
          tenant: batch.tenant,
          conversation_id,
          seq,
          recorded_at: entry.recorded_at_ms,
          event_id,
          code: DUPLICATE_EVENT_ID,
          reason: `the event id stands in conversation ${known.conversation_id} at seq ${known.seq}`,
          event: entry.event,
        })
      }
    }
    return { cleared, cleared_conversations: clearedConversations, set_aside: setAside }
  }

  async quarantine(event: QuarantinedEvent): Promise<void> {
    const tenant = this.#tenant(event.tenant)
    if (tenant.covers(event.conversation_id, event.recorded_at)) return
    if (tenant.hasAside(event.conversation_id, event.seq)) return
    tenant.aside.push({ position: ++this.#position, event, set_aside_at: new Date().toISOString() })
  }

  async quarantined(tenant: string, page: PageRequest): Promise<QuarantinePage> {
    const after = Number(page.after ?? 0)
    const rest = this.#tenant(tenant).aside.filter(({ position }) => position > after)
    const items = rest.slice(0, page.limit).map(({ position, event, set_aside_at }) => {
      const { tenant: _, ...rest } = event
      return { ...rest, cursor: String(position), recorded_at: new Date(event.recorded_at).toISOString(), set_aside_at }
    })
    return { items, more: rest.length > items.length }
  }

  async event(tenant: string, eventId: string): Promise<HistoryItem | null> {
    const { byId, aside } = this.#tenant(tenant)
    const refused = aside.find(({ event }) => event.event_id === eventId)
    return byId.get(eventId) ?? (refused ? asEntry(refused) : null)
  }

  async conversationsOfEvents(tenant: string, eventIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { byId } = this.#tenant(tenant)
    const found = new Map<string, string>()
    for (const id of eventIds) {
      const entry = byId.get(id)
      if (entry) found.set(id, entry.conversation_id)
    }
    return found
  }

  async feed(tenant: string, query: FeedQuery): Promise<HistoryPage> {
    const { entries } = this.#tenant(tenant)
    const ordered = query.order === 'desc' ? entries.toReversed() : entries
    const after = query.after === undefined ? null : Number(query.after)
    const [since, until] = [query.since, query.until].map((bound) => (bound === undefined ? null : toInstant(bound)))
    return cutPage(
      ordered.filter(({ position, head }) => {
        if (after !== null && (query.order === 'desc' ? Number(position) >= after : Number(position) <= after)) return false
        if (query.event_type !== undefined && head.event_type !== query.event_type) return false
        if (query.event_name !== undefined && head.event_name !== query.event_name) return false
        if (query.topic_name !== undefined && head.topic_name !== query.topic_name) return false
        const at = toInstant(head.timestamp)
        if (since && at && compareInstants(at, since) < 0) return false
        return !(until && at && compareInstants(at, until) >= 0)
      }),
      query.limit,
      query.max_bytes,
    )
  }

  async followFeed(tenant: string, query: FollowQuery): Promise<FollowedPage> {
    const newest = this.#tenant(tenant).entries.at(-1)?.position
    const page = await this.feed(tenant, { ...query, order: 'asc' })
    return { ...page, through: throughOf(page, query.after, newest) }
  }

  async conversations(tenant: string, page: ConversationsRequest): Promise<ConversationPage> {
    const { conversations } = this.#tenant(tenant)
    const { kind, user_id } = page
    const newest = [...conversations.entries()]
      .filter(([conversation_id]) => kind === undefined || conversationKind(conversation_id) === kind)
      .filter(([, bySeq]) => user_id === undefined || [...bySeq.values()].some(({ head }) => head.user_id === user_id))
      .map(([conversation_id, bySeq]) => {
        const entries = [...bySeq.values()]
        const cursor = Math.max(...entries.map(({ position }) => Number(position)))
        return { ...infoOf(conversation_id, entries), cursor: String(cursor) }
      })
      .sort((a, b) => Number(b.cursor) - Number(a.cursor))
    const rest = newest.filter(({ cursor }) => page.after === undefined || Number(cursor) < Number(page.after))
    return { items: rest.slice(0, page.limit), more: rest.length > page.limit }
  }

  async conversationEvents(tenant: string, conversationId: string, query: ConversationQuery): Promise<HistoryPage> {
    const after = Number(query.after ?? 0)
    const until = query.until_seq ?? Number.POSITIVE_INFINITY
    const entries = this.#conversationEntries(tenant, conversationId).filter(
      ({ seq, head }) => seq > after && seq <= until && (!query.filter || matchesFilter(head, query.filter)),
    )
    return cutPage(entries, query.limit, query.max_bytes)
  }

  async assistantRequestEvents(tenant: string, assistantRequestId: string, page: PageRequest): Promise<HistoryPage> {
    return this.#select(tenant, page, ({ head }) => head.assistant_request_id === assistantRequestId)
  }

  async topicEvents(tenant: string, topic: TopicFilter, page: PageRequest): Promise<HistoryPage> {
    return this.#select(tenant, page, ({ head }) => matchesFilter(head, { topic }))
  }

  async activity(tenant: string, query: ActivityQuery): Promise<ActivityPoint[]> {
    return activityOf(this.#tenant(tenant).entries, query)
  }

  async assistants(tenant: string, range: TimeRange): Promise<AssistantsActivity> {
    return assistantsOf(this.#tenant(tenant).entries, range)
  }

  async unfinished(tenant: string, query: UnfinishedQuery): Promise<UnfinishedPage> {
    return unfinishedOf(this.#tenant(tenant).entries, query)
  }

  async clear(tenantId: string, marker: number): Promise<readonly string[]> {
    const tenant = this.#tenant(tenantId)
    const touched = new Set(
      [...tenant.entries, ...tenant.aside.map(({ event }) => event)].map(({ conversation_id }) => conversation_id),
    )
    tenant.clearedThrough = Math.max(marker, tenant.clearedThrough ?? 0)
    this.#dropCleared(tenantId, tenant)
    return [...touched]
  }

  async clearConversations(
    tenantId: string,
    conversationIds: readonly string[],
    marker: number,
  ): Promise<ReadonlyMap<string, number>> {
    const tenant = this.#tenant(tenantId)
    const ids = [...new Set(conversationIds)].sort()
    for (const id of ids) tenant.clearedConversations.set(id, Math.max(marker, tenant.clearedConversations.get(id) ?? 0))
    const removed = new Map(ids.map((id) => [id, 0]))
    for (const { conversation_id } of this.#dropCleared(tenantId, tenant))
      removed.set(conversation_id, (removed.get(conversation_id) ?? 0) + 1)
    return removed
  }

  clearInSteps(tenantId: string, conversationIds: readonly string[], marker: number): Promise<ReadonlyMap<string, number>> {
    return this.clearConversations(tenantId, conversationIds, marker)
  }

  async expiredConversations(marker: number, after: ExpiredConversation | null, limit: number): Promise<ExpiredConversation[]> {
    return [...this.#tenants]
      .flatMap(([tenant, history]) => [...history.beginnings()].map(([id, at]) => ({ tenant, id, at })))
      .filter(({ at }) => at <= marker)
      .map(({ tenant, id, at }) => ({ tenant, conversation_id: id, first_at: new Date(at).toISOString() }))
      .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
      .filter((one) => after === null || orderOf(one) > orderOf(after))
      .slice(0, limit)
  }

  /** There are no partitions here, and a conversation without events is not listed. */
  async dropEmptied(): Promise<Emptied> {
    return { conversations: 0, partitions: 0, kept: [] }
  }

  async ready(): Promise<void> {}

  async maintain(): Promise<void> {}

  #tenant(id: string): TenantHistory {
    let tenant = this.#tenants.get(id)
    if (!tenant) {
      tenant = new TenantHistory()
      this.#tenants.set(id, tenant)
    }
    return tenant
  }

  /** Takes out what a clearing covers, and answers with that. */
  #dropCleared(tenantId: string, tenant: TenantHistory): { readonly conversation_id: string }[] {
    const isCovered = (entry: Entry) => tenant.covers(entry.conversation_id, entry.recorded_at_ms)
    const isCoveredAside = ({ event }: Aside) => tenant.covers(event.conversation_id, event.recorded_at)
    const fresh = new TenantHistory()
    fresh.clearedThrough = tenant.clearedThrough
    fresh.clearedConversations = tenant.clearedConversations
    fresh.aside = tenant.aside.filter((aside) => !isCoveredAside(aside))
    this.#tenants.set(tenantId, fresh)
    for (const entry of tenant.entries) if (!isCovered(entry)) index(fresh, entry)
    return [...tenant.entries.filter(isCovered), ...tenant.aside.filter(isCoveredAside).map(({ event }) => event)]
  }

  #insert(tenant: TenantHistory, entry: Omit<Entry, 'position'>): void {
    index(tenant, { ...entry, position: String(++this.#position) })
  }

  #select(tenant: string, page: PageRequest, wanted: (entry: Entry) => boolean): HistoryPage {
    const after = Number(page.after ?? 0)
    const entries = this.#tenant(tenant).entries.filter((entry) => Number(entry.position) > after && wanted(entry))
    return cutPage(entries, page.limit)
  }

  /** In the order of seq, quarantined events in their places. */
  #conversationEntries(tenantId: string, conversationId: string): Entry[] {
    const tenant = this.#tenant(tenantId)
    const stored = [...(tenant.conversations.get(conversationId)?.values() ?? [])]
    const aside = tenant.aside.filter(({ event }) => event.conversation_id === conversationId).map(asEntry)
    return [...stored, ...aside].sort((a, b) => a.seq - b.seq)
  }
}

function orderOf({ first_at, tenant, conversation_id }: ExpiredConversation): string {
  return JSON.stringify([first_at, tenant, conversation_id])
}
