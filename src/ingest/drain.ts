import type { Confirmation, HandedOut, PendingHandout } from '../conversation/rpc.ts'
import { clearedThrough } from '../model/cleared-through.ts'
import { EventPersistenceError } from '../model/errors.ts'
import type { AppendOutcome, EventHistory, PendingEvents, SetAside } from '../model/history.ts'
import { MAX_WRITE_BYTES } from '../model/limits.ts'
import { writeBytes } from '../model/write-bytes.ts'
import { appendSplitting } from './append-splitting.ts'

/** A conversation's object, as the drain sees it. */
export interface Outbox {
  /**
   * Takes note of what was confirmed and hands out what follows, about `limitBytes` of it; null when nothing does, or
   * when `limitBytes` is 0. With `handed` it goes on from there, though that is not confirmed.
   */
  pending(limitBytes: number, confirmation?: Confirmation, handed?: HandedOut): Promise<PendingHandout | null>
}

/** What a write has that could not be passed on. */
export interface Refusal {
  /** The batch's place in the write. */
  readonly place: number
  readonly events: number
}

export interface Forwarded {
  readonly refused: readonly Refusal[]
  readonly cause: unknown
}

/**
 * Passes on what the history has taken with one write, before the outboxes are told of it: what is lost on the way, or
 * refused, is passed on again with a later drain. Never fails, and answers soon whatever becomes of it. With `isAway` it
 * does not try, and only tells what there would have been to pass on.
 */
export type Forward = (batches: readonly PendingEvents[], outcome: AppendOutcome, isAway: boolean) => Promise<Forwarded>

export const forwardNothing: Forward = async () => ({ refused: [], cause: null })

export interface DrainDeps {
  readonly history: EventHistory
  readonly forward: Forward
}

export interface DrainReport {
  /** Events that the history has taken in this drain. */
  readonly events: number
  readonly writes: number
  /** Per outbox, in the order given: null, or why it was not emptied. */
  readonly failures: readonly (null | { readonly cause: unknown })[]
  /** Outboxes, by their places, that the drain left when its time was over; what it wrote for them is confirmed, or held. */
  readonly unfinished: readonly number[]
  /** Outboxes, by their places, of which the history has everything, but which were not told: something was not passed on. */
  readonly held: readonly number[]
  /** Outboxes that were told although something was not passed on, with the number of those events. */
  readonly given_up: readonly Refusal[]
  /** Why something was not passed on, if that happened. */
  readonly forward_cause: unknown
  readonly set_aside: readonly SetAside[]
}

export interface DrainTarget {
  readonly outbox: Outbox
  /** As far as this drain has to go; until nothing is left when absent. */
  readonly through_seq?: number | undefined
  /** What cannot be passed on this time is not waited for any longer. */
  readonly give_up?: boolean | undefined
}

/** What one outbox is asked for while others share the write. */
const SMALLEST_SHARE_BYTES = 256 * 1024

/** Outboxes asked at a time, and what is held before it is written: one event may have 4 MiB, the Worker has 128 MB. */
const COLLECTED_AT_ONCE = 12
const HELD_BYTES = 8 * 1024 * 1024

/** One write may fail by itself; after two in turn the history counts as away, and each further try would only take its time. */
const AWAY_AFTER_FAILURES = 2

interface Failed {
  readonly cause: unknown
}

interface Taken {
  readonly place: number
  readonly handout: PendingHandout
}

/**
 * Empties outboxes into the history: collects what they hold, writes it in as few round trips as its size allows, forwards
 * what was written, and confirms it to each. Every step may be repeated or lost: a handout that is never confirmed is handed
 * out again, and the history knows it by conversation and seq. An outbox that fails does not hold up the others; a
 * history that is away is not tried again.
 *
 * What an outbox gets while it is emptied is left to another notice, which it sends when it is told: one that is written to without
 * pause would else be emptied event by event, with a round trip for each.
 *
 * An outbox with events that could not be forwarded is held: it is emptied into the history like the others, but from there
 * on nothing is confirmed to it, so that the same events come with the next drain.
 */
export async function drain(
  targets: readonly DrainTarget[],
  { history, forward }: DrainDeps,
  goOn: () => boolean = () => true,
): Promise<DrainReport> {
  const failures: (null | Failed)[] = targets.map(() => null)
  const setAside: SetAside[] = []
  const unfinished: number[] = []
  const confirmations = new Map<number, Confirmation>()
  const reached = new Set<number>()
  const held = new Map<number, HandedOut>()
  const givenUp = new Map<number, number>()
  const open = targets.map((_, place) => place)
  const trouble: { away: Failed | null; forward: Failed | null } = { away: null, forward: null }
  let failedInTurn = 0
  let events = 0
  let writes = 0

  const collect = async (place: number, share: number): Promise<Taken | null> => {
    const confirmation = confirmations.get(place)
    if (share === 0 && !confirmation) return null
    confirmations.delete(place)
    try {
      const handed = held.get(place)
      const handout = await (targets[place] as DrainTarget).outbox.pending(share, confirmation, handed)
      // An object of an older version knows nothing of `handed` and would hand out the same for ever.
      if (handout && handed && handout.epoch === handed.epoch && handout.through_seq <= handed.through_seq) return null
      return handout && { place, handout }
    } catch (cause) {
      failures[place] = { cause }
      return null
    }
  }

  /** Asks the open outboxes until so much is held. */
  const gather = async (bytes: number): Promise<Taken[]> => {
    const share = Math.max(SMALLEST_SHARE_BYTES, Math.floor(MAX_WRITE_BYTES / open.length))
    const taken: Taken[] = []
    while (open.length > 0 && bytesOf(taken) < bytes) {
      const late = writes > 0 && !goOn()
      const asked = open.splice(0, COLLECTED_AT_ONCE).map((place) => {
        const stop = trouble.away !== null || late
        if (stop && !reached.has(place)) {
          if (trouble.away) failures[place] = trouble.away
          else unfinished.push(place)
        }
        return collect(place, stop || reached.has(place) ? 0 : share)
      })
      for (const one of await Promise.all(asked)) if (one) taken.push(one)
    }
    return taken
  }

  const store = async (write: readonly Taken[]): Promise<void> => {
    try {
      if (trouble.away) throw trouble.away.cause
      const batches = write.map(({ handout }) => toPending(handout))
      const outcome = await appendSplitting(batches, history)
      writes += 1
      failedInTurn = 0
      const { refused, cause } = await forward(batches, outcome, trouble.forward !== null)
      if (refused.length > 0) trouble.forward ??= { cause }
      setAside.push(...outcome.set_aside)
      const refusals = new Map(refused.map((refusal) => [write[refusal.place]?.place, refusal.events]))
      for (const { place, handout } of write) {
        events += handout.segments.reduce((sum, segment) => sum + segment.count, 0)
        const { epoch, through_seq } = handout
        const missing = refusals.get(place) ?? 0
        const givesUp = (targets[place] as DrainTarget).give_up === true
        if (missing > 0 && givesUp) givenUp.set(place, (givenUp.get(place) ?? 0) + missing)
        const wanted = (targets[place] as DrainTarget).through_seq
        const cleared_through = clearedThrough(handout, outcome)
        const is_last = wanted === undefined && handout.more === false
        if (held.has(place) || (missing > 0 && !givesUp)) held.set(place, { epoch, through_seq })
        else confirmations.set(place, { epoch, through_seq, cleared_through, ...(is_last ? { is_last } : {}) })
        if (is_last || through_seq >= (wanted ?? Number.POSITIVE_INFINITY)) reached.add(place)
        open.push(place)
      }
    } catch (cause) {
      if (cause instanceof EventPersistenceError && cause.transient) failedInTurn += 1
      if (failedInTurn === AWAY_AFTER_FAILURES) trouble.away = { cause }
      for (const { place } of write) failures[place] = { cause }
    }
  }

  let waiting: readonly Taken[] = []
  while (waiting.length > 0 || open.length > 0) {
    if (waiting.length === 0) {
      waiting = await gather(HELD_BYTES)
      continue
    }
    const [write, rest] = cutWrite(waiting)
    // The other outboxes are asked while PostgreSQL works.
    const [, gathered] = await Promise.all([store(write), gather(HELD_BYTES - bytesOf(rest))])
    waiting = [...rest, ...gathered]
  }
  return {
    events,
    writes,
    failures,
    unfinished,
    held: [...held.keys()],
    given_up: [...givenUp].map(([place, count]) => ({ place, events: count })),
    forward_cause: trouble.forward?.cause,
    set_aside: setAside,
  }
}

function bytesOf(taken: readonly Taken[]): number {
  return taken.reduce((sum, { handout }) => sum + writeBytes(handout), 0)
}

/** The first write of what waits, and the rest. One handout is never divided, and by itself never larger than a write. */
function cutWrite(waiting: readonly Taken[]): [Taken[], readonly Taken[]] {
  let bytes = 0
  let count = 0
  for (const { handout } of waiting) {
    bytes += writeBytes(handout)
    if (count > 0 && bytes > MAX_WRITE_BYTES) break
    count += 1
  }
  return [waiting.slice(0, count), waiting.slice(count)]
}

const decoder = new TextDecoder()

function toPending({ tenant, conversation_id, segments, heads, events }: PendingHandout): PendingEvents {
  return { tenant, conversation_id, segments, heads, events: decoder.decode(events) }
}
