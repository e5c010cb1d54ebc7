import type { PreparedEvent } from '../model/event-store-base.ts'
import { InvalidEventError } from '../model/invalid-event-error.ts'
import { MAX_REQUEST_BYTES, MAX_REQUEST_CONVERSATIONS, MAX_REQUEST_EVENTS } from '../model/limits.ts'
import { pack } from '../model/pack.ts'

export interface RequestLimits {
  readonly events: number
  /** Of the body. */
  readonly bytes: number
  readonly conversations: number
}

const REQUEST_LIMITS: RequestLimits = {
  events: MAX_REQUEST_EVENTS,
  bytes: MAX_REQUEST_BYTES,
  conversations: MAX_REQUEST_CONVERSATIONS,
}

export interface SplitEvents {
  /** In their order, each within the limits of a request. */
  readonly parts: readonly (readonly PreparedEvent[])[]
  /** Ids that the list gives to events of several conversations: the first of each is in a part, the others are not. */
  readonly conflicts: readonly string[]
}

/** Cuts a list into requests. What one request would refuse as a conflict within itself is left out of several, too. */
export function splitEvents(events: readonly PreparedEvent[], limits: RequestLimits = REQUEST_LIMITS): SplitEvents {
  const parts = cut(events, limits)
  if (parts.length === 1) return { parts, conflicts: [] }
  const conversationOf = new Map<string, string>()
  const conflicts = new Set<string>()
  const kept = events.filter(({ head: { event_id }, conversation_id }) => {
    const first = conversationOf.get(event_id) ?? conversation_id
    conversationOf.set(event_id, first)
    if (first !== conversation_id) conflicts.add(event_id)
    return first === conversation_id
  })
  return { parts: conflicts.size === 0 ? parts : cut(kept, limits), conflicts: [...conflicts] }
}

function cut(events: readonly PreparedEvent[], limits: RequestLimits): PreparedEvent[][] {
  // Brackets around, and a comma with every event.
  const within = { items: limits.events, bytes: limits.bytes - 2, keys: limits.conversations }
  return pack(
    events,
    ({ bytes }) => bytes + 1,
    within,
    (event) => event.conversation_id,
  )
}

/** What is wrong with events of a part, told of the list that was passed. */
export function errorOfWholeList(
  { issues }: InvalidEventError,
  part: readonly PreparedEvent[],
  events: readonly PreparedEvent[],
  partlyRecorded: boolean,
): InvalidEventError {
  const placeOf = (event: PreparedEvent | undefined, index: number) => (event ? events.indexOf(event) : index)
  return new InvalidEventError(
    issues.map((issue) => ({ ...issue, index: placeOf(part[issue.index], issue.index) })),
    partlyRecorded,
  )
}
