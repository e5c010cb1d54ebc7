import { describeError } from '../model/describe-error.ts'
import { harmlessText } from '../model/harmless-text.ts'
import type { AppendOutcome, PendingEvents } from '../model/history.ts'
import type { Log } from '../model/log.ts'
import { pack } from '../model/pack.ts'
import { chooseLifecycleEvents, type LifecycleEvent } from './choose-lifecycle-events.ts'
import { MAX_SENT_BYTES, MAX_SENT_MESSAGES, MESSAGE_OVERHEAD_BYTES } from './limits.ts'
import { type TrackCall, toTrackCall } from './track-call.ts'

/** A queue of Cloudflare's that takes the JSON texts of track calls. */
export interface TrackQueue {
  sendBatch(messages: readonly { readonly body: string; readonly contentType: 'text' }[]): Promise<unknown>
}

export interface ForwardDeps {
  readonly queue: TrackQueue
  /** Of this store, told to Segment. */
  readonly version: string
  readonly log: Log
  readonly wait: (ms: number) => Promise<void>
}

/** The first pause between tries; each is twice the one before. */
const FIRST_PAUSE_MS = 50

/** All that one write waits for Segment's sake, whatever its queue does. */
const LONGEST_MS = 1_000

interface QueuedCall {
  readonly call: TrackCall
  /** The place of its batch in the write. */
  readonly place: number
}

/** What of a write the queue did not take: events by the place of their batch, and why. */
interface Unqueued {
  readonly refused: readonly { readonly place: number; readonly events: number }[]
  readonly cause: unknown
}

/**
 * Makes what the drain calls with every write that the history has taken: it queues the lifecycle events for Segment. It
 * never fails and soon returns, with what the queue did not take by then. An event of which no call can be made counts as
 * done, for it would be none the next time.
 */
export function forwardLifecycleEvents(deps: ForwardDeps) {
  return async (batches: readonly PendingEvents[], outcome: AppendOutcome, isAway: boolean): Promise<Unqueued> => {
    const chosen = batches.flatMap((batch, place) => choose(batch, outcome, deps.log).map((event) => ({ event, place })))
    if (chosen.length === 0) return { refused: [], cause: null }
    if (isAway) return unqueued(chosen, 'the queue did not take what came before')
    const calls = chosen.flatMap(({ event, place }) => {
      const call = callOf(event, deps)
      return call ? [{ call, place }] : []
    })
    return send(calls, deps)
  }
}

function choose(batch: PendingEvents, outcome: AppendOutcome, log: Log): LifecycleEvent[] {
  try {
    return chooseLifecycleEvents([batch], outcome)
  } catch (cause) {
    const conversation_id = harmlessText(batch.conversation_id)
    log('error', 'events could not be read for Segment and are not sent', { conversation_id, cause: describeError(cause) })
    return []
  }
}

async function send(calls: readonly QueuedCall[], { queue, wait }: ForwardDeps): Promise<Unqueued> {
  const bytesOf = ({ call }: QueuedCall) => call.bytes + MESSAGE_OVERHEAD_BYTES
  const groups = pack(calls, bytesOf, { items: MAX_SENT_MESSAGES, bytes: MAX_SENT_BYTES })
  const unsent = new Set(groups)
  let failure: unknown = 'the queue did not answer in time'
  let timeIsUp = false
  const sendGroup = async (group: readonly QueuedCall[]) => {
    for (let pause = FIRST_PAUSE_MS; !timeIsUp; pause *= 2) {
      try {
        await queue.sendBatch(group.map(({ call }) => ({ body: call.text, contentType: 'text' as const })))
        return true
      } catch (cause) {
        failure = cause
        await wait(pause)
      }
    }
    return false
  }
  const sending = groups.map(async (group) => {
    if (await sendGroup(group)) unsent.delete(group)
  })
  if (groups.length > 0) await Promise.race([Promise.all(sending), wait(LONGEST_MS)])
  timeIsUp = true
  return unqueued([...unsent].flat(), failure)
}

function unqueued(events: readonly { readonly place: number }[], cause: unknown): Unqueued {
  const counts = new Map<number, number>()
  for (const { place } of events) counts.set(place, (counts.get(place) ?? 0) + 1)
  return { refused: [...counts].map(([place, count]) => ({ place, events: count })), cause }
}

/** Null for an event that cannot be sent, which is logged by its id. */
function callOf(event: LifecycleEvent, { version, log }: ForwardDeps): TrackCall | null {
  const event_id = harmlessText(event.head.event_id)
  try {
    const call = toTrackCall(event, version)
    if (!call) log('error', 'an event is too large for Segment and is not sent', { event_id })
    else if (call.left_out > 0)
      log('warn', 'an event was too large for Segment: properties were left out', { event_id, left_out: call.left_out })
    return call
  } catch (cause) {
    log('error', 'an event could not be made into a call to Segment and is not sent', { event_id, cause: describeError(cause) })
    return null
  }
}
