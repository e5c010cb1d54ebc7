import { cutElements } from '../model/cut-elements.ts'
import { EventPersistenceError } from '../model/errors.ts'
import type { EventHead } from '../model/event-head.ts'
import type { AppendOutcome, EventHistory, PendingEvents, SetAside } from '../model/history.ts'

/**
 * Appends batches. If the history refuses the data, it halves them until the refused event stands alone, puts that one
 * into the quarantine and goes on: one event never blocks the rest, and order within a conversation is kept.
 */
export async function appendSplitting(batches: readonly PendingEvents[], history: EventHistory): Promise<AppendOutcome> {
  try {
    return await history.append(batches)
  } catch (failure) {
    if (!(failure instanceof EventPersistenceError) || !failure.refusesData) throw failure
    const halves = halve(batches)
    if (halves) {
      const first = await appendSplitting(halves[0], history)
      const second = await appendSplitting(halves[1], history)
      return {
        cleared: new Map([...first.cleared, ...second.cleared]),
        cleared_conversations: [...first.cleared_conversations, ...second.cleared_conversations],
        set_aside: [...first.set_aside, ...second.set_aside],
      }
    }
    const setAside: SetAside[] = []
    for (const batch of batches) setAside.push(...(await quarantineOnly(batch, failure, history)))
    return { cleared: new Map(), cleared_conversations: [], set_aside: setAside }
  }
}

async function quarantineOnly(batch: PendingEvents, failure: EventPersistenceError, history: EventHistory): Promise<SetAside[]> {
  const [segment] = batch.segments
  if (!segment) return []
  const { event_id } = JSON.parse(batch.heads) as EventHead
  const { tenant, conversation_id } = batch
  const { first_seq: seq, recorded_at } = segment
  const code = failure.code ?? 'refused'
  await history.quarantine({
    tenant,
    conversation_id,
    seq,
    recorded_at,
    event_id,
    code,
    reason: failure.message,
    event: batch.events,
  })
  return [{ tenant, conversation_id, seq, event_id, code }]
}

function halve(batches: readonly PendingEvents[]): [PendingEvents[], PendingEvents[]] | null {
  const [only] = batches
  if (!only) return null
  if (batches.length > 1) {
    const middle = batches.length >> 1
    return [batches.slice(0, middle), batches.slice(middle)]
  }
  const heads = JSON.parse(`[${only.heads}]`) as EventHead[]
  if (heads.length < 2) return null
  const middle = heads.length >> 1
  const events = cutElements(only.events)
  const seqs = only.segments.flatMap(({ first_seq, count, recorded_at }) =>
    Array.from({ length: count }, (_, i) => ({ first_seq: first_seq + i, count: 1, recorded_at })),
  )
  const part = (from: number, to: number): PendingEvents => ({
    ...only,
    segments: seqs.slice(from, to),
    heads: heads
      .slice(from, to)
      .map((head) => JSON.stringify(head))
      .join(','),
    events: events.slice(from, to).join(','),
  })
  return [[part(0, middle)], [part(middle, heads.length)]]
}
