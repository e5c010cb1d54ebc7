import type { AppendOutcome, PendingEvents } from '../model/history.ts'
import type { Log } from '../model/log.ts'
import { chooseLifecycleEvents, type LifecycleEvent } from './choose-lifecycle-events.ts'
import { MAX_SENT_BYTES, MAX_SENT_MESSAGES, MESSAGE_OVERHEAD_BYTES } from './limits.ts'
import { pack } from './pack.ts'
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

const TRIES = 3
const PAUSE_MS = 50

/** All that the delivery to the history waits for Segment's sake, whatever its queue does. */
const LONGEST_MS = 1_000

/**
 * Makes what the drain calls with every write that the history has taken: it queues the lifecycle events for Segment. It
 * never fails and soon returns; what the queue does not take by then is given up on and logged.
 */
export function forwardLifecycleEvents(deps: ForwardDeps) {
  return async (batches: readonly PendingEvents[], outcome: AppendOutcome): Promise<void> => {
    try {
      const calls = chooseLifecycleEvents(batches, outcome).flatMap((event) => callOf(event, deps) ?? [])
      await send(calls, deps)
    } catch (cause) {
      deps.log('error', 'lifecycle events could not be queued for Segment', { cause: String(cause) })
    }
  }
}

async function send(calls: readonly TrackCall[], deps: ForwardDeps): Promise<void> {
  if (calls.length === 0) return
  const groups = pack(calls, ({ bytes }) => bytes + MESSAGE_OVERHEAD_BYTES, { items: MAX_SENT_MESSAGES, bytes: MAX_SENT_BYTES })
  const unsent = new Set(groups)
  let failure: unknown = 'the queue did not answer in time'
  const sendGroup = async (group: readonly TrackCall[]) => {
    for (let tried = 1; ; tried++) {
      try {
        await deps.queue.sendBatch(group.map(({ text }) => ({ body: text, contentType: 'text' as const })))
        return true
      } catch (cause) {
        failure = cause
        if (tried === TRIES) return false
        await deps.wait(PAUSE_MS * tried)
      }
    }
  }
  const sending = groups.map(async (group) => {
    if (await sendGroup(group)) unsent.delete(group)
  })
  await Promise.race([Promise.all(sending), deps.wait(LONGEST_MS)])
  if (unsent.size > 0) {
    const events = [...unsent].reduce((sum, group) => sum + group.length, 0)
    deps.log('error', 'lifecycle events could not be queued for Segment', { events, cause: String(failure) })
  }
}

function callOf(event: LifecycleEvent, { version, log }: ForwardDeps): TrackCall | null {
  const call = toTrackCall(event, version)
  const { event_id } = event.head
  if (!call) log('error', 'an event is too large for Segment and is not sent', { event_id })
  else if (call.left_out > 0)
    log('warn', 'an event was too large for Segment: properties were left out', { event_id, left_out: call.left_out })
  return call
}
