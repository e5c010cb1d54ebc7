import type { ConversationKind } from './conversation-kind.ts'
import type { EventOverviews } from './monitor.ts'

/** A run of consecutive events of one conversation that were admitted together. */
export interface AdmittedSegment {
  readonly first_seq: number
  readonly count: number
  /** Unix time in milliseconds, by the clock of the conversation's object. */
  readonly recorded_at: number
}

/**
 * Events of one conversation on their way into the history, in the order of `seq`.
 * `heads` and `events` are comma-joined JSON texts (an array without its brackets), one element an event, so that a
 * batch is put together by concatenation and no event's text is parsed or escaped twice.
 */
export interface PendingEvents {
  readonly tenant: string
  readonly conversation_id: string
  readonly segments: readonly AdmittedSegment[]
  /** Comma-joined JSON texts of `EventHead`. */
  readonly heads: string
  /** Comma-joined verbatim JSON texts. */
  readonly events: string
}

/** The tenant had recorded the event's id under another position before; the first write wins. */
export const DUPLICATE_EVENT_ID = 'duplicate-event-id'

/** An event that the history could not take as it is; it stays readable in its conversation and under `/v1/quarantine`. */
export interface QuarantinedEvent {
  readonly tenant: string
  readonly conversation_id: string
  readonly seq: number
  readonly recorded_at: number
  readonly event_id: string
  /** SQLSTATE of the refusal, or `DUPLICATE_EVENT_ID`. */
  readonly code: string
  readonly reason: string
  /** Verbatim JSON text. */
  readonly event: string
}

export interface AppendOutcome {
  /** Per tenant of the batch that was ever cleared: the marker in ms. Events recorded at or before it were not inserted. */
  readonly cleared: ReadonlyMap<string, number>
  /** Of the conversations of the batch those that were ever cleared by themselves, which holds for their events in the same way. */
  readonly cleared_conversations: readonly ClearedConversation[]
  /** Events that went into the quarantine instead, and why: `duplicate-event-id`, or the SQLSTATE of a refusal. */
  readonly set_aside: readonly SetAside[]
}

export interface ClearedConversation {
  readonly tenant: string
  readonly conversation_id: string
  /** The marker, Unix ms. */
  readonly through: number
}

export interface SetAside {
  readonly tenant: string
  readonly conversation_id: string
  readonly seq: number
  readonly event_id: string
  readonly code: string
}

/** One stored event as a reader gets it. */
export interface HistoryItem {
  /** Position in the feed of the tenant's events: a decimal bigint. */
  readonly position: string
  readonly conversation_id: string
  readonly seq: number
  /** ISO 8601 in UTC with milliseconds and `Z`. */
  readonly recorded_at: string
  /** Verbatim JSON text. */
  readonly event: string
}

export interface HistoryPage {
  readonly items: readonly HistoryItem[]
  /** Whether more items followed the last one when the page was read. */
  readonly more: boolean
}

export interface PageRequest {
  /** Exclusive: the position or seq that the reader has already seen. */
  readonly after?: string | undefined
  /** Items at most; a page also ends at `MAX_PAGE_BYTES` of event text, but always holds one item if there is one. */
  readonly limit: number
}

/** A page that whoever asks for it has to hold as a whole. */
export interface BoundedPageRequest extends PageRequest {
  /** Bytes of event text at most, one item apart; `MAX_PAGE_BYTES` unless given, which is also the most. */
  readonly max_bytes?: number | undefined
}

/** Narrows the feed. All given members must hold. */
export interface FeedFilter {
  readonly event_type?: string | undefined
  readonly event_name?: string | undefined
  /** Events of any kind that name the topic. */
  readonly topic_name?: string | undefined
}

export interface FeedQuery extends BoundedPageRequest, FeedFilter {
  readonly order: 'asc' | 'desc'
  /** Bounds on the event's own timestamp, ISO 8601: `since` inclusive, `until` exclusive. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export interface FollowQuery extends BoundedPageRequest, FeedFilter {}

/** A page for a reader that goes on from it for as long as it likes. */
export interface FollowedPage extends HistoryPage {
  /**
   * The position to go on from. Nothing that becomes visible later stands at or before it, whatever the filter leaves out, and
   * all that was asked for up to it has been read.
   */
  readonly through: string
}

/** Narrows a read within one conversation. All given members must hold. */
export interface EventFilter {
  readonly event_id?: string | undefined
  readonly event_type?: string | undefined
  readonly assistant_request_id?: string | undefined
  readonly topic?: TopicFilter | undefined
}

/**
 * Events of a topic. With `offsets` the published agent events (`PUBLISH_EVENT_TYPES`) there: an empty list finds none.
 * Without, the application events, which have no offsets.
 */
export interface TopicFilter {
  readonly name: string
  readonly offsets?: readonly number[] | undefined
}

export interface ConversationQuery extends BoundedPageRequest {
  /** The conversation as it was at this seq, inclusive. */
  readonly until_seq?: number | undefined
  readonly filter?: EventFilter | undefined
}

export interface ConversationInfo {
  readonly conversation_id: string
  readonly head_seq: number
  readonly event_count: number
  /** Times of recording, ISO 8601 in UTC with milliseconds. */
  readonly first_at: string
  readonly last_at: string
}

/** Which conversations to list. */
export interface ConversationsRequest extends PageRequest {
  /** Both kinds unless given. */
  readonly kind?: ConversationKind | undefined
  /** Only those with events of this user. */
  readonly user_id?: string | undefined
}

/** A conversation of any tenant that has events past their term. */
export interface ExpiredConversation {
  readonly tenant: string
  readonly conversation_id: string
  /** When its first event was recorded, ISO 8601 in UTC, as exactly as the history has it. */
  readonly first_at: string
}

/** What clearings had left behind, and what became of it. */
export interface Emptied {
  readonly conversations: number
  readonly partitions: number
  /** Partitions that something depends on, which keeps them from being dropped. */
  readonly kept: readonly { readonly name: string; readonly because: string }[]
}

export interface ConversationPage {
  readonly items: readonly (ConversationInfo & { readonly cursor: string })[]
  readonly more: boolean
}

export interface QuarantinePage {
  readonly items: readonly (Omit<QuarantinedEvent, 'recorded_at' | 'tenant'> & {
    readonly cursor: string
    readonly recorded_at: string
    readonly set_aside_at: string
  })[]
  readonly more: boolean
}

/**
 * The durable record of all conversations of all tenants: PostgreSQL in production, in memory for development.
 * Every call is bound to one tenant. Every call throws `EventPersistenceError` when the history cannot be reached
 * or refuses.
 */
export interface EventHistory extends EventOverviews {
  /**
   * Stores the batches in one round trip and one transaction. Safe to repeat: an event already stored at the same
   * conversation and seq is left as it is. Refused data (`error.refusesData`) leaves nothing behind.
   */
  append(batches: readonly PendingEvents[]): Promise<AppendOutcome>
  /** Puts one refused event into the quarantine. Safe to repeat. */
  quarantine(event: QuarantinedEvent): Promise<void>
  quarantined(tenant: string, page: PageRequest): Promise<QuarantinePage>

  event(tenant: string, eventId: string): Promise<HistoryItem | null>
  /**
   * The conversation in which each of the events stands, by event id: for the ids that the tenant has in the history, the
   * quarantine apart. `MAX_REQUEST_EVENTS` ids at most.
   */
  conversationsOfEvents(tenant: string, eventIds: readonly string[]): Promise<ReadonlyMap<string, string>>
  feed(tenant: string, query: FeedQuery): Promise<HistoryPage>
  /** The feed in its order, for a reader that follows it: without anything new the page is empty. */
  followFeed(tenant: string, query: FollowQuery): Promise<FollowedPage>
  conversations(tenant: string, page: ConversationsRequest): Promise<ConversationPage>
  /** In the order of seq, `after` being a seq; quarantined events stand in their places. */
  conversationEvents(tenant: string, conversationId: string, query: ConversationQuery): Promise<HistoryPage>
  /** In the order of recording, `after` being a position. */
  assistantRequestEvents(tenant: string, assistantRequestId: string, page: PageRequest): Promise<HistoryPage>
  /** In the order of recording, `after` being a position. */
  topicEvents(tenant: string, topic: TopicFilter, page: PageRequest): Promise<HistoryPage>

  /**
   * Removes every event of the tenant recorded at or before `marker` (Unix ms), and makes later appends drop such events.
   * Answers with the conversations that had any, so that their objects can be cleared too.
   */
  clear(tenant: string, marker: number): Promise<readonly string[]>
  /**
   * As `clear`, for some of the tenant's conversations, known or not; 1,000 at most. Answers with the number of events that each has
   * lost, set aside ones included, for all of them.
   */
  clearConversations(tenant: string, conversationIds: readonly string[], marker: number): Promise<ReadonlyMap<string, number>>
  /** The same for conversations of any length: of long ones in several transactions, from the oldest event on. */
  clearInSteps(tenant: string, conversationIds: readonly string[], marker: number): Promise<ReadonlyMap<string, number>>
  /**
   * Conversations of all tenants that have an event recorded at or before `marker` (Unix ms), the oldest first, from the one after
   * `after` on.
   */
  expiredConversations(marker: number, after: ExpiredConversation | null, limit: number): Promise<readonly ExpiredConversation[]>
  /**
   * Forgets conversations that have no events, and were last cleared before `marker` (Unix ms), and drops partitions of months before
   * it that are empty. What comes late all the same is recorded, and past its term at once.
   */
  dropEmptied(marker: number): Promise<Emptied>
  /** Resolves when reads and writes would be served. */
  ready(): Promise<void>
  /** Makes partitions ahead of `now` (Unix ms); nothing to do where there are none. */
  maintain(now: number): Promise<void>
}
