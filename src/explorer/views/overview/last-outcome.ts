import type { HttpEventStore } from '../../../client/index.ts'
import { type ConversationItem, itemOf } from '../../data/conversation-item.ts'
import type { ReadEvent } from '../../data/verbatim-codec.ts'
import { lastActivity, requestStates } from '../conversation/spans/requests.ts'
import type { Outcome } from '../conversation/spans/span.ts'
import { spansOf } from '../conversation/spans/spans.ts'

/** What a conversation's last events tell of its last request. */
export interface LastOutcome {
  readonly outcome: Outcome
  /** When it happened: Unix milliseconds. */
  readonly at: number
}

/** An assistant's end is nearly the last event of its request: what stands behind it are components that were not told of it. */
const LAST_EVENTS = 10

export async function readLastOutcome(
  store: HttpEventStore<ReadEvent>,
  conversationId: string,
  headSeq: number,
  signal: AbortSignal,
): Promise<LastOutcome | null> {
  const items: ConversationItem[] = []
  const after = Math.max(0, headSeq - LAST_EVENTS)
  for await (const stored of store.readConversation(conversationId, { after, untilSeq: headSeq, signal })) {
    items.push(itemOf(stored))
  }
  return lastOutcomeOf(items)
}

/** As the conversation's own page has it, as far as its last events tell: without its assistant a request may be going on. Null without runs. */
export function lastOutcomeOf(items: readonly ConversationItem[]): LastOutcome | null {
  const spans = spansOf(items)
  const last = requestStates(spans, spans.lastSeq).at(-1)
  if (!last) return null
  const isTold = last.span.family === 'assistant' || items[0]?.seq === 1
  return { outcome: isTold ? last.outcome : 'open', at: lastActivity(spans, items.at(-1)) }
}
