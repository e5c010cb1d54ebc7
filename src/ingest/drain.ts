import type { Confirmation, PendingHandout } from '../conversation/rpc.ts'
import type { EventHistory, PendingEvents, SetAside } from '../model/history.ts'
import { MAX_WRITE_BYTES } from '../model/limits.ts'
import { appendSplitting } from './append-splitting.ts'

/** A conversation's object, as the drain sees it. */
export interface Outbox {
  /**
   * Takes note of what was confirmed and hands out what follows, about `limitBytes` of it; null when nothing does, or
   * when `limitBytes` is 0.
   */
  pending(limitBytes: number, confirmation?: Confirmation): Promise<PendingHandout | null>
}

export interface DrainReport {
  /** Events that the history has taken in this drain. */
  readonly events: number
  readonly writes: number
  /** Per outbox, in the order given: null, or why it was not emptied. */
  readonly failures: readonly (null | { readonly cause: unknown })[]
  /** Outboxes, by their places, that the drain left when its time was over; what it wrote for them is confirmed. */
  readonly unfinished: readonly number[]
  readonly set_aside: readonly SetAside[]
}

/** What one outbox hands out in a round while others share it: 100 of them stay far below the Worker's 128 MB. */
const SMALLEST_SHARE_BYTES = 256 * 1024

interface Taken {
  readonly place: number
  readonly handout: PendingHandout
}

/**
 * Empties outboxes into the history: collects what they hold, writes it in as few round trips as its size allows, and
 * confirms to each what was written. Every step may be repeated or lost: a handout that is never confirmed is handed
 * out again, and the history knows it by conversation and seq. An outbox that fails does not hold up the others.
 */
export async function drain(
  outboxes: readonly Outbox[],
  history: EventHistory,
  goOn: () => boolean = () => true,
): Promise<DrainReport> {
  const failures: (null | { readonly cause: unknown })[] = outboxes.map(() => null)
  const setAside: SetAside[] = []
  const confirmations = new Map<number, Confirmation>()
  let events = 0
  let writes = 0
  let open = outboxes.map((_, place) => place)

  let unfinished: number[] = []
  while (open.length > 0) {
    const last = writes > 0 && !goOn()
    if (last) unfinished = open
    const share = last ? 0 : Math.max(SMALLEST_SHARE_BYTES, Math.floor(MAX_WRITE_BYTES / open.length))
    const taken = await collect(outboxes, open, share, confirmations, failures)
    confirmations.clear()
    open = []
    for (const write of pack(taken)) {
      try {
        const outcome = await appendSplitting(
          write.map(({ handout }) => toPending(handout)),
          history,
        )
        writes += 1
        setAside.push(...outcome.set_aside)
        for (const { place, handout } of write) {
          events += handout.segments.reduce((sum, segment) => sum + segment.count, 0)
          confirmations.set(place, {
            epoch: handout.epoch,
            through_seq: handout.through_seq,
            cleared_through: outcome.cleared[handout.tenant] ?? null,
          })
          open.push(place)
        }
      } catch (cause) {
        for (const { place } of write) failures[place] = { cause }
      }
    }
  }
  return { events, writes, failures, unfinished, set_aside: setAside }
}

async function collect(
  outboxes: readonly Outbox[],
  open: readonly number[],
  share: number,
  confirmations: ReadonlyMap<number, Confirmation>,
  failures: (null | { readonly cause: unknown })[],
): Promise<Taken[]> {
  const answers = await Promise.all(
    open.map(async (place): Promise<Taken | null> => {
      try {
        const handout = await (outboxes[place] as Outbox).pending(share, confirmations.get(place))
        return handout && { place, handout }
      } catch (cause) {
        failures[place] = { cause }
        return null
      }
    }),
  )
  return answers.filter((answer) => answer !== null)
}

/** Fills writes in order; one handout is never divided, and by itself never larger than a write. */
function pack(taken: readonly Taken[]): Taken[][] {
  const writes: Taken[][] = []
  let room = 0
  for (const item of taken) {
    const bytes = item.handout.events.byteLength
    if (bytes > room) {
      writes.push([])
      room = MAX_WRITE_BYTES
    }
    writes.at(-1)?.push(item)
    room -= bytes
  }
  return writes
}

const decoder = new TextDecoder()

function toPending({ tenant, conversation_id, segments, heads, events }: PendingHandout): PendingEvents {
  return { tenant, conversation_id, segments, heads, events: decoder.decode(events) }
}
