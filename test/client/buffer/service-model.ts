import { ConversationRanges } from '../../../src/model/conversation-ranges.ts'
import type { RecordResult } from '../../../src/model/event-store.ts'
import type { PreparedEvent } from '../../../src/model/event-store-base.ts'
import type { EventOutcome } from '../../../src/protocol/answers.ts'

/**
 * What the service does with a request's events: the first write of an id wins, within the request and within a conversation, and
 * each conversation counts its own.
 */
export class ServiceModel {
  /** Event ids of each conversation, in order. */
  readonly conversations = new Map<string, string[]>()
  readonly #known = new Map<string, { readonly text: string; readonly seq: number }>()

  record(events: readonly PreparedEvent[]): { readonly result: RecordResult; readonly outcomes: readonly EventOutcome[] } {
    const ranges = new ConversationRanges()
    const outcomes: EventOutcome[] = []
    const conversationOf = new Map<string, string>()
    for (const { conversation_id, head, text } of events) {
      const { event_id } = head
      const key = JSON.stringify([conversation_id, event_id])
      const known = this.#known.get(key)
      const first = conversationOf.get(event_id) ?? conversation_id
      conversationOf.set(event_id, first)
      if (first !== conversation_id || (known && known.text !== text)) {
        outcomes.push({ event_id, outcome: 'conflict', seq: null })
        continue
      }
      const ids = this.conversations.get(conversation_id) ?? []
      if (!known) {
        ids.push(event_id)
        this.conversations.set(conversation_id, ids)
        this.#known.set(key, { text, seq: ids.length })
      }
      const seq = known?.seq ?? ids.length
      outcomes.push({ event_id, outcome: known ? 'duplicate' : 'recorded', seq })
      ranges.include(conversation_id, seq)
    }
    const count = (outcome: EventOutcome['outcome']) => outcomes.filter((one) => one.outcome === outcome)
    const result = {
      recorded: count('recorded').length,
      duplicates: count('duplicate').length,
      conflicts: [...new Set(count('conflict').map(({ event_id }) => event_id))],
      conversations: ranges.all(),
    }
    return { result, outcomes }
  }
}

export function prepared(conversation: string, id: string, content = ''): PreparedEvent {
  const text = JSON.stringify({ id, conversation, content })
  const head = {
    event_id: id,
    assistant_request_id: 'r',
    event_type: 'ToolInvoke',
    event_name: null,
    event_version: null,
    user_id: null,
    topic_name: null,
    topic_offset: null,
    timestamp: '2025-08-28T10:40:11.078Z',
  }
  return { conversation_id: conversation, head, text, bytes: text.length }
}
