import type { RequestLimits } from '../split-events.ts'

/** One recorded list that waits to leave. */
export interface WaitingCall {
  readonly conversations: ReadonlySet<string>
  readonly eventIds: readonly string[]
  /** Of its events. */
  readonly bytes: number
  /** Goes in requests of its own: what it asks for is said once a request. */
  readonly alone: boolean
  /** When it leaves at the latest if nothing stands in its way, in milliseconds of the planner's clock. */
  readonly dueAt: number
}

export interface BatchPlan<Call> {
  /** Leaves now as one request; empty when nothing does. */
  readonly take: readonly Call[]
  /** When to ask again if nothing changes; null for never. */
  readonly wakeAt: number | null
}

/** Calls passed over at most that have to wait for others, so that a plan takes no time of its own with very many of them. */
const MAX_PASSED_OVER = 1_000

/**
 * Decides what leaves now, of calls in their order. An event never leaves while one of its conversation that was recorded
 * before it is under way (`busy`) or stays behind, so each conversation keeps its order whatever becomes of single requests.
 * Two calls that record one id never share a request, so that an answer about the id speaks of one of them.
 */
export function planBatch<Call extends WaitingCall>(
  waiting: Iterable<Call>,
  busy: ReadonlySet<string>,
  limits: RequestLimits,
  now: number,
): BatchPlan<Call> {
  const take: Call[] = []
  const blocked = new Set(busy)
  const conversations = new Set<string>()
  const eventIds = new Set<string>()
  let events = 0
  let bytes = 0
  let dueAt = Number.POSITIVE_INFINITY
  let isFull = false
  let passedOver = 0
  for (const call of waiting) {
    if (sharesAny(call.conversations, blocked)) {
      for (const id of call.conversations) blocked.add(id)
      passedOver += 1
      if (passedOver >= MAX_PASSED_OVER) break
      continue
    }
    const fits =
      take.length === 0 ||
      (!call.alone &&
        events + call.eventIds.length <= limits.events &&
        bytes + call.bytes <= limits.bytes &&
        conversations.size + call.conversations.size <= limits.conversations &&
        !call.eventIds.some((id) => eventIds.has(id)))
    if (!fits) {
      isFull = true
      break
    }
    take.push(call)
    for (const id of call.conversations) conversations.add(id)
    for (const id of call.eventIds) eventIds.add(id)
    events += call.eventIds.length
    bytes += call.bytes
    dueAt = Math.min(dueAt, call.dueAt)
    isFull = call.alone || events >= limits.events || bytes >= limits.bytes
    if (isFull) break
  }
  if (take.length === 0) return { take, wakeAt: null }
  return isFull || dueAt <= now ? { take, wakeAt: null } : { take: [], wakeAt: dueAt }
}

function sharesAny(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const one of some) if (others.has(one)) return true
  return false
}
