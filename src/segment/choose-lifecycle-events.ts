import { isLifecycleEventName } from '../model/application-events.ts'
import { clearedThrough } from '../model/cleared-through.ts'
import { conversationKind } from '../model/conversation-kind.ts'
import { cutElements } from '../model/cut-elements.ts'
import type { EventHead } from '../model/event-head.ts'
import type { LifecycleEventName } from '../model/event-types.ts'
import type { AppendOutcome, PendingEvents } from '../model/history.ts'

export interface LifecycleEvent {
  readonly tenant: string
  readonly head: EventHead
  readonly name: LifecycleEventName
  /** Verbatim JSON text. */
  readonly text: string
}

/**
 * The lifecycle events among what the history has just taken, in their order: without those that it set aside and those
 * that it dropped because the tenant or the conversation was cleared after them.
 */
export function chooseLifecycleEvents(batches: readonly PendingEvents[], outcome: AppendOutcome): LifecycleEvent[] {
  return batches.flatMap((batch) => (conversationKind(batch.conversation_id) === 'application' ? chooseFrom(batch, outcome) : []))
}

function chooseFrom(batch: PendingEvents, outcome: AppendOutcome) {
  const { tenant, conversation_id, segments, heads, events } = batch
  const all = JSON.parse(`[${heads}]`) as EventHead[]
  if (!all.some(isLifecycle)) return []
  const cleared = clearedThrough(batch, outcome) ?? Number.NEGATIVE_INFINITY
  const absent = new Set(
    outcome.set_aside
      .filter((one) => one.tenant === tenant && one.conversation_id === conversation_id)
      .map(({ event_id }) => event_id),
  )
  const recordedAt = segments.flatMap(({ count, recorded_at }) => new Array<number>(count).fill(recorded_at))
  const texts = cutElements(events)
  const chosen: LifecycleEvent[] = []
  all.forEach((head, i) => {
    if (!isLifecycle(head) || absent.has(head.event_id) || (recordedAt[i] as number) <= cleared) return
    chosen.push({ tenant, head, name: head.event_name, text: texts[i] as string })
  })
  return chosen
}

/** An agent event may lie in a conversation of such a name, and may be called as it likes: it belongs to an assistant request. */
function isLifecycle(head: EventHead): head is EventHead & { readonly event_name: LifecycleEventName } {
  return head.assistant_request_id === null && head.event_name !== null && isLifecycleEventName(head.event_name)
}
