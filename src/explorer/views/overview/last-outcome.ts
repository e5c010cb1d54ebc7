import type { HttpEventStore } from '../../../client/index.ts'
import { member, text } from '../../../model/event-context.ts'
import { componentEventKind, isTopicEventType } from '../../../model/event-types.ts'
import { toInstant } from '../../../model/timestamp.ts'
import { itemOf } from '../../data/conversation-item.ts'
import type { ReadEvent } from '../../data/verbatim-codec.ts'

/** What a conversation's last event tells of its last request. */
export interface LastOutcome {
  readonly outcome: 'ended' | 'failed' | 'open'
  /** When it happened: Unix milliseconds. */
  readonly at: number
}

/** Null for an event that is none of an assistant's. */
export function outcomeOfLast(eventType: string): LastOutcome['outcome'] | null {
  const kind = componentEventKind(eventType)
  if (!kind) return isTopicEventType(eventType) ? 'open' : null
  if (kind.family !== 'assistant' || kind.phase === 'invoke') return 'open'
  return kind.phase === 'failed' ? 'failed' : 'ended'
}

/** Reads one event. An assistant's end is the last event that its request has, so that it tells all. */
export async function readLastOutcome(
  store: HttpEventStore<ReadEvent>,
  conversationId: string,
  headSeq: number,
  signal: AbortSignal,
): Promise<LastOutcome | null> {
  for await (const stored of store.readConversation(conversationId, { after: headSeq - 1, untilSeq: headSeq, signal })) {
    const { raw, recorded_at } = itemOf(stored)
    const outcome = outcomeOfLast(text(member(raw, 'event_type')) ?? '')
    const own = toInstant(text(member(raw, 'timestamp')) ?? '')
    return outcome && { outcome, at: own ? own.seconds * 1000 : Date.parse(recorded_at) }
  }
  return null
}
