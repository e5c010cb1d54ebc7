import { ConversationRanges } from '../../model/conversation-ranges.ts'
import type { RecordResult } from '../../model/event-store.ts'
import type { EventOutcome } from '../../protocol/answers.ts'

/** What a result is made of. */
interface SentEvent {
  readonly conversation_id: string
  readonly head: { readonly event_id: string }
}

/**
 * The result of each call from the answer to the request that they shared. No id stands in two of the calls, so that what
 * is said of an id is about one of them.
 */
export function resultsOf(calls: readonly (readonly SentEvent[])[], outcomes: readonly EventOutcome[]): RecordResult[] {
  const byId = new Map<string, EventOutcome[]>()
  for (const one of outcomes) {
    const same = byId.get(one.event_id)
    if (same) same.push(one)
    else byId.set(one.event_id, [one])
  }
  return calls.map((call) => {
    const ranges = new ConversationRanges()
    const counts = { recorded: 0, duplicate: 0, conflict: 0 }
    const conflicts = new Set<string>()
    for (const { conversation_id, head } of call) {
      for (const { event_id, outcome, seq } of byId.get(head.event_id) ?? []) {
        counts[outcome] += 1
        if (outcome === 'conflict') conflicts.add(event_id)
        if (seq !== null) ranges.include(conversation_id, seq)
      }
      // An id that the call gives twice has as many outcomes; of two conversations the first is where it can stand.
      byId.delete(head.event_id)
    }
    return { recorded: counts.recorded, duplicates: counts.duplicate, conflicts: [...conflicts], conversations: ranges.all() }
  })
}
