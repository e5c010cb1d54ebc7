import type { EventHead } from '../model/event-head.ts'
import type { EventOutcome } from '../protocol/answers.ts'
import type { Recorded } from './append-batches.ts'
import type { ConversationBatch, IncomingEvents } from './conversation-batches.ts'

/** What became of each event of a request. `elsewhere` are ids that stand in other conversations already. */
export function eventOutcomes(
  { batches, conflicts }: IncomingEvents,
  answers: readonly Recorded[],
  elsewhere: readonly string[],
): EventOutcome[] {
  const refused = new Set(elsewhere)
  return [
    ...batches.flatMap((batch, i) => outcomesOfBatch(batch, answers[i], refused)),
    ...conflicts.map((event_id) => ({ event_id, outcome: 'conflict', seq: null }) as const),
  ]
}

function outcomesOfBatch(batch: ConversationBatch, answer: Recorded | undefined, elsewhere: ReadonlySet<string>): EventOutcome[] {
  const fresh = new Set(answer?.fresh)
  return (JSON.parse(`[${batch.heads}]`) as EventHead[]).map(({ event_id }, place) => {
    const seq = answer?.seqs?.[place] ?? 0
    if (seq === 0 || elsewhere.has(event_id)) return { event_id, outcome: 'conflict', seq: null }
    // The first event of an id is the one that is new.
    return { event_id, outcome: fresh.delete(event_id) ? 'recorded' : 'duplicate', seq }
  })
}
