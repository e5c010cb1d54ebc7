import {
  META_DIGEST_HIGH,
  META_DIGEST_LOW,
  META_ID_HIGH,
  META_ID_LOW,
  META_LENGTH,
  META_WORDS,
} from '../conversation/dedupe-index.ts'
import { COMMA } from '../conversation/segment.ts'
import { type Digest, hashId } from '../model/digest-id.ts'
import type { EventHead } from '../model/event-head.ts'
import { MAX_REQUEST_CONVERSATIONS } from '../model/limits.ts'
import { RequestFailure } from '../protocol/failure.ts'

/** A valid event of a request, as it is to be stored. */
export interface AcceptedEvent {
  readonly conversation_id: string
  readonly head: EventHead
  /** The event's text in UTF-8. */
  readonly text: Uint8Array
  /** Tells a repeat from another content of the same id. */
  readonly digest: Digest
}

/** The valid events of a request that belong to one conversation, in their order. */
export interface ConversationBatch {
  readonly conversation_id: string
  readonly meta: Uint32Array
  readonly heads: string
  readonly body: Uint8Array
}

export interface IncomingEvents {
  readonly batches: readonly ConversationBatch[]
  /** Ids that the request itself gives to events of several conversations: the first of each is in a batch, the others are not. */
  readonly conflicts: readonly string[]
}

/** Sorts the events of a request by conversation. Throws when there are too many conversations. */
export function batchByConversation(events: readonly AcceptedEvent[]): IncomingEvents {
  const byConversation = new Map<string, AcceptedEvent[]>()
  const conversationOf = new Map<string, string>()
  const conflicts = new Set<string>()
  for (const event of events) {
    const { conversation_id, head } = event
    const first = conversationOf.get(head.event_id)
    if (first !== undefined && first !== conversation_id) {
      conflicts.add(head.event_id)
      continue
    }
    conversationOf.set(head.event_id, conversation_id)
    const batch = byConversation.get(conversation_id)
    if (batch) batch.push(event)
    else byConversation.set(conversation_id, [event])
  }
  if (byConversation.size > MAX_REQUEST_CONVERSATIONS) {
    throw new RequestFailure({
      kind: 'too-large',
      limit: 'request_conversations',
      maximum: MAX_REQUEST_CONVERSATIONS,
      detail: `A request holds events of at most ${MAX_REQUEST_CONVERSATIONS} conversations, not ${byConversation.size}: send them in several requests.`,
    })
  }
  return { batches: [...byConversation].map(([id, batch]) => toBatch(id, batch)), conflicts: [...conflicts] }
}

function toBatch(conversationId: string, events: readonly AcceptedEvent[]): ConversationBatch {
  const meta = new Uint32Array(events.length * META_WORDS)
  const joined = new Uint8Array(events.reduce((bytes, { text }) => bytes + text.byteLength + 1, -1))
  const heads: string[] = []
  let to = 0
  events.forEach(({ head, text, digest }, i) => {
    if (i > 0) joined[to++] = COMMA
    joined.set(text, to)
    to += text.byteLength
    const at = i * META_WORDS
    const [idHigh, idLow] = hashId(head.event_id)
    meta[at + META_ID_HIGH] = idHigh
    meta[at + META_ID_LOW] = idLow
    meta[at + META_DIGEST_HIGH] = digest[0]
    meta[at + META_DIGEST_LOW] = digest[1]
    meta[at + META_LENGTH] = text.byteLength
    heads.push(JSON.stringify(head))
  })
  return { conversation_id: conversationId, meta, heads: heads.join(','), body: joined }
}
