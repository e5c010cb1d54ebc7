import {
  META_DIGEST_HIGH,
  META_DIGEST_LOW,
  META_ID_HIGH,
  META_ID_LOW,
  META_LENGTH,
  META_WORDS,
} from '../conversation/dedupe-index.ts'
import { COMMA } from '../conversation/segment.ts'
import { checkAgentEvent } from '../model/check-agent-event.ts'
import { hashId } from '../model/digest-id.ts'
import type { EventHead } from '../model/event-head.ts'
import { toPath } from '../model/issues.ts'
import { MAX_EVENT_BYTES, MAX_REQUEST_CONVERSATIONS, MAX_REQUEST_EVENTS } from '../model/limits.ts'
import { type SlicedEvent, sliceEvents } from '../model/slice.ts'
import type { SliceFailure } from '../model/slice-failure.ts'
import { type Failure, RequestFailure, type RequestIssue } from '../protocol/failure.ts'

/** The valid events of a request that belong to one conversation, in their order. */
export interface ConversationBatch {
  readonly conversation_id: string
  readonly meta: Uint32Array
  readonly heads: string
  readonly body: Uint8Array
}

interface CheckedEvent {
  readonly slice: SlicedEvent
  readonly head: EventHead
}

/** Problems listed of one request: the first ones tell what is wrong with the rest. */
const MAX_ISSUES = 20

export interface IncomingEvents {
  readonly batches: readonly ConversationBatch[]
  /** Ids that the request itself gives to events of several conversations: the first of each is in a batch, the others are not. */
  readonly conflicts: readonly string[]
}

/** Cuts a body into its events, checks them all, and sorts them by conversation. Throws before anything is stored. */
export function readIncomingEvents(body: Uint8Array, format: 'json' | 'ndjson'): IncomingEvents {
  const sliced = sliceEvents(body, format)
  if (!sliced.ok) throw new RequestFailure(failureOfSlice(sliced.failure))
  const byConversation = new Map<string, CheckedEvent[]>()
  const conversationOf = new Map<string, string>()
  const conflicts = new Set<string>()
  const errors: RequestIssue[] = []
  sliced.events.forEach((slice, index) => {
    const check = checkAgentEvent(slice.value)
    if (!check.ok) {
      if (errors.length < MAX_ISSUES) errors.push(...check.issues.map((issue) => ({ index, ...issue })))
      return
    }
    const { conversation_id, head } = check
    const first = conversationOf.get(head.event_id)
    if (first !== undefined && first !== conversation_id) {
      conflicts.add(head.event_id)
      return
    }
    conversationOf.set(head.event_id, conversation_id)
    const batch = byConversation.get(conversation_id)
    if (batch) batch.push({ slice, head })
    else byConversation.set(conversation_id, [{ slice, head }])
  })
  if (errors.length > 0) throw new RequestFailure({ kind: 'invalid-events', errors: errors.slice(0, MAX_ISSUES) })
  if (byConversation.size > MAX_REQUEST_CONVERSATIONS) {
    throw new RequestFailure({
      kind: 'too-large',
      limit: 'request_conversations',
      maximum: MAX_REQUEST_CONVERSATIONS,
      detail: `A request holds events of at most ${MAX_REQUEST_CONVERSATIONS} conversations, not ${byConversation.size}: send them in several requests.`,
    })
  }
  return {
    batches: [...byConversation].map(([conversationId, events]) => toBatch(conversationId, events, body)),
    conflicts: [...conflicts],
  }
}

function toBatch(conversationId: string, events: readonly CheckedEvent[], body: Uint8Array): ConversationBatch {
  const meta = new Uint32Array(events.length * META_WORDS)
  const joined = new Uint8Array(events.reduce((bytes, { slice }) => bytes + slice.end - slice.start + 1, -1))
  const heads: string[] = []
  let to = 0
  events.forEach(({ slice, head }, i) => {
    if (i > 0) joined[to++] = COMMA
    joined.set(body.subarray(slice.start, slice.end), to)
    to += slice.end - slice.start
    const at = i * META_WORDS
    const [idHigh, idLow] = hashId(head.event_id)
    meta[at + META_ID_HIGH] = idHigh
    meta[at + META_ID_LOW] = idLow
    meta[at + META_DIGEST_HIGH] = slice.digest[0]
    meta[at + META_DIGEST_LOW] = slice.digest[1]
    meta[at + META_LENGTH] = slice.end - slice.start
    heads.push(JSON.stringify(head))
  })
  return { conversation_id: conversationId, meta, heads: heads.join(','), body: joined }
}

function failureOfSlice(failure: SliceFailure): Failure {
  const { message, index, offset } = failure
  switch (failure.kind) {
    case 'malformed-json':
      return { kind: 'malformed-json', detail: message, index, offset }
    case 'invalid-event':
      return {
        kind: 'invalid-events',
        errors: [{ ...(index === undefined ? {} : { index }), path: toPath(failure.path ?? []), message }],
      }
    case 'too-large': {
      const many = index !== undefined && index >= MAX_REQUEST_EVENTS
      return {
        kind: 'too-large',
        limit: many ? 'request_events' : 'event_bytes',
        maximum: many ? MAX_REQUEST_EVENTS : MAX_EVENT_BYTES,
        detail: message,
        index,
      }
    }
  }
}
