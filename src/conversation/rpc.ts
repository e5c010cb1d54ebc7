import type { AdmittedSegment, EventFilter } from '../model/history.ts'
import type { PageFormat } from './render-items.ts'

/** Events of one conversation as the Worker hands them over, all of them valid. */
export interface AppendRequest {
  readonly tenant: string
  readonly conversation_id: string
  /** `META_WORDS` uint32 an event. */
  readonly meta: Uint32Array
  /** Comma-joined JSON texts of `EventHead`. */
  readonly heads: string
  /** Comma-joined verbatim event texts in UTF-8. */
  readonly body: Uint8Array
  readonly expected_seq?: number | undefined
  readonly on_conflict: 'report' | 'reject'
  /** Decide only: the answer is what an append would give now. */
  readonly check_only: boolean
  /** Answer with the ids of the events that are new. */
  readonly list_fresh: boolean
  /** Answer with where each event stands. */
  readonly list_seqs?: boolean | undefined
}

export type AppendAnswer =
  | {
      readonly outcome: 'recorded'
      readonly recorded: number
      /** Ids of the recorded events, if asked for. */
      readonly fresh: readonly string[]
      /** The seq of each event in the order of the request, 0 for conflicts; if asked for. */
      readonly seqs?: readonly number[]
      readonly duplicates: number
      /** Ids of events that were not recorded because their id stands with other content. */
      readonly conflicts: readonly string[]
      /** Where the events of this request stand, new and repeated ones; null when all of them were conflicts. */
      readonly range: { readonly first_seq: number; readonly last_seq: number } | null
      /** As far as a reader must see to find every id of this request, those of conflicts included. */
      readonly through_seq: number
      /** The conversation has news for the history: who gets this answer sends its notice. */
      readonly notice?: true
    }
  | { readonly outcome: 'conflict'; readonly conflicts: readonly string[] }
  | { readonly outcome: 'wrong-expected-seq'; readonly expected_seq: number; readonly head_seq: number }

export interface ReadRequest {
  /** Seq, exclusive. */
  readonly after: number
  readonly limit: number
  readonly until_seq?: number | undefined
  readonly filter?: EventFilter | undefined
  readonly format: PageFormat
  readonly max_bytes: number
  /** Items alone, to be put behind others: without the frame of a JSON page. */
  readonly part: boolean
  /** An answer with this tag is known to the reader: it gets no body. */
  readonly known_tag?: string | undefined
}

export type ReadAnswer =
  /** The conversation has no events. */
  | { readonly outcome: 'unknown' }
  /** What follows `after` is in the history only, up to `trimmed_through`. */
  | { readonly outcome: 'cold'; readonly epoch: number; readonly trimmed_through: number; readonly head_seq: number }
  | {
      readonly outcome: 'page'
      readonly epoch: number
      readonly items: number
      /** Event text in bytes. */
      readonly bytes: number
      /** The last seq in the page; `after` where there is none. */
      readonly last_seq: number
      readonly next_cursor: string | null
      readonly tag: string
      /** Null when the reader knows the page. */
      readonly body: ReadableStream<Uint8Array> | null
    }

/** On the answer to a read: all of it but the body, as JSON in ASCII. */
export const READ_ANSWER_HEADER = 'Event-Store-Read-Answer'

export interface ConversationStat {
  readonly head_seq: number
  readonly persisted_seq: number
  readonly event_count: number
  /** Unix times of recording in ms. */
  readonly first_at: number
  readonly last_at: number
}

/** What the history has confirmed: everything of `epoch` up to `through_seq`. */
export interface Confirmation {
  readonly epoch: number
  readonly through_seq: number
  /** The tenant's last clearing that the history knows of, Unix ms: everything recorded by then is gone. */
  readonly cleared_through: number | null
  /** Whoever confirms fetches no more: what has come meanwhile needs a notice of its own. */
  readonly is_last?: boolean
}

/** As far as a drain has been handed events of `epoch`. */
export interface HandedOut {
  readonly epoch: number
  readonly through_seq: number
}

/** What follows `persisted_seq`, in the order of seq. */
export interface PendingHandout {
  readonly epoch: number
  readonly tenant: string
  readonly conversation_id: string
  readonly segments: readonly AdmittedSegment[]
  readonly heads: string
  /** Comma-joined verbatim event texts in UTF-8. */
  readonly events: Uint8Array
  readonly through_seq: number
  /** Whether more followed when this was handed out. */
  readonly more: boolean
}

/** The object's name: unambiguous whatever characters tenant and conversation have. */
export function conversationObjectName(tenant: string, conversationId: string): string {
  return JSON.stringify([tenant, conversationId])
}

/** The tag of a page: it changes with every clearing and with whatever the page's bounds came to hold. */
export function pageTag(
  epoch: number,
  after: number | string,
  last: number | string,
  items: number,
  nextCursor: string | null,
): string {
  return `"${epoch.toString(36)}-${after}-${last}-${items}-${nextCursor ?? 'end'}"`
}

/** A message of the queue: the conversation has events that the history lacks. */
export interface Notice {
  readonly tenant: string
  readonly conversation_id: string
  /** Unix ms: tells the object of a clearing instead. */
  readonly cleared_through?: number
  /** The history is to be cleared before the object: of what is past its term, or because someone asked for it. */
  readonly history?: 'expired' | 'asked'
  /** How often it was given up on and sent again, where that is counted. */
  readonly given_up?: number
}
