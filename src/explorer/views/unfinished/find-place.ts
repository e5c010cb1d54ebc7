import type { HttpEventStore } from '../../../client/index.ts'
import { member } from '../../../model/event-context.ts'
import { itemOf } from '../../data/conversation-item.ts'
import type { ReadEvent } from '../../data/verbatim-codec.ts'

export interface EventOfRequest {
  readonly conversationId: string
  readonly requestId: string
  readonly eventId: string
}

/** The seq of an event in its conversation, for which the request is read as far as that event; null when it is not there. */
export async function findPlace(
  store: HttpEventStore<ReadEvent>,
  { conversationId, requestId, eventId }: EventOfRequest,
  signal: AbortSignal,
): Promise<number | null> {
  for await (const stored of store.readAssistantRequest(requestId, { conversationId, signal })) {
    const { seq, raw } = itemOf(stored)
    if (member(raw, 'event_id') === eventId) return seq
  }
  return null
}
