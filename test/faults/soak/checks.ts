import { growthAcrossLives, growthWithinLife, KINDS, type MemoryKind, slopeOfLongest } from './memory.ts'
import { READ_KINDS } from './reading.ts'
import type { SoakResult } from './run-soak.ts'

export interface Check {
  readonly what: string
  readonly bound: string
  readonly measured: string
  /** Null where the run says nothing of it. */
  readonly isMet: boolean | null
}

/** The rate is kept if so much of it was acknowledged. */
const LEAST_RATE = 0.9

/** So many seconds of the load may wait while nothing is away: a delivery takes one, and a stalled one holds its events for 15. */
const BACKLOG_SECONDS = 30

/** After an outage the last conversation begins within a minute; what then fails once more is repeated after up to 15 seconds. */
const LONGEST_WAIT_MS = 120_000

/** From here on most conversations of a run have been idle for long enough, and for the minute that the alarm may come later. */
const TURNED_OVER_MS = 5 * 60_000

const NAMES: Readonly<Record<MemoryKind, string>> = {
  live: 'memory in use by the Worker',
  resident: 'memory of the runtime’s process',
}

/** From here on a run has to tell of memory, where the system can. */
const TELLS_OF_MEMORY_MS = 30 * 60_000

/** What the Worker has in use may seem to grow by so much in the part of an hour that is looked at: a leak of a few bytes a request is more. */
const MOST_GROWTH_MIB = 20

/** Within this, two medians are the same. */
const FLAT_WITHIN = 1.1

/** Two lives are differently laid out and meet different disruptions. */
const FLAT_ACROSS = 1.2

/** Every promise that the run is to show, and whether it held. */
export function checkAll(result: SoakResult): Check[] {
  const { options, end, measured, happened, reads } = result
  const none = (what: string, count: number): Check => ({
    what,
    bound: '0',
    measured: count.toLocaleString('en'),
    isMet: count === 0,
  })
  const rate = measured.minutes.length === 0 ? 0 : (result.acknowledged * 1_000) / options.durationMs
  const backlog = options.rate * BACKLOG_SECONDS
  const hasToTell = options.durationMs >= TELLS_OF_MEMORY_MS && process.platform === 'linux'
  const slope = slopeOfLongest(measured.lives, 'live')
  const late = happened.filter(({ caughtUpMs }) => caughtUpMs === null).length
  return [
    {
      what: 'events acknowledged a second',
      bound: `at least ${LEAST_RATE * 100}% of ${options.rate}`,
      measured: rate.toFixed(1),
      isMet: rate >= options.rate * LEAST_RATE,
    },
    none('acknowledged events that are lost', end.lost),
    none('events that are there twice', end.repeated),
    none('events that are not as they were sent', end.altered),
    none('gaps in the order of a conversation', end.gaps),
    none('events with another seq than was answered', end.misplaced),
    none('differences between the logs and Postgres', end.differences),
    none('events not in Postgres at the end', result.left + end.waiting),
    none('events in the quarantine', end.quarantined),
    none('requests never acknowledged', result.unacknowledged),
    none('requests not begun, for want of room', result.heldBack),
    none('answers of 500', result.failures.find(([what]) => what === '500')?.[1] ?? 0),
    none('reads of active conversations that failed with the runtime there', reads['active conversation'].unexcused),
    none('events that live readers lack', result.live.missing),
    none('answers, reads and live streams that were wrong', result.wrongs.count),
    {
      what: 'backlog while nothing was away, in events',
      bound: `at most ${backlog.toLocaleString('en')} (${BACKLOG_SECONDS} s of the load)`,
      measured: measured.calmBacklog.toLocaleString('en'),
      isMet: measured.calmBacklog <= backlog,
    },
    {
      what: 'longest wait of an event for Postgres while that was there',
      bound: `at most ${LONGEST_WAIT_MS / 1_000} s`,
      measured: `${(measured.oldestMs / 1_000).toFixed(1)} s`,
      isMet: measured.oldestMs <= LONGEST_WAIT_MS,
    },
    none('disruptions whose backlog never went', late),
    ...(options.durationMs < TURNED_OVER_MS
      ? []
      : [none('kinds of reads that were never made', READ_KINDS.filter((kind) => reads[kind].made === 0).length)]),
    ...KINDS.flatMap((kind) => [
      memoryCheck(
        `${NAMES[kind]}, last third of the longest life to the second`,
        growthWithinLife(measured.lives, kind),
        FLAT_WITHIN,
        hasToTell,
      ),
      // Not every order of disruptions leaves two lives to compare.
      memoryCheck(
        `${NAMES[kind]}, last life to the first at the same age`,
        growthAcrossLives(measured.lives, kind),
        FLAT_ACROSS,
        false,
      ),
    ]),
    memoryCheck(`${NAMES.live}, growth in MiB an hour`, slope === null ? null : slope / 2 ** 20, MOST_GROWTH_MIB, hasToTell),
    {
      what: 'conversations that their objects have let go of',
      bound: `at least half of ${end.conversations.toLocaleString('en')}`,
      measured: end.letGo.toLocaleString('en'),
      isMet: options.durationMs < TURNED_OVER_MS ? null : end.letGo * 2 >= end.conversations,
    },
  ]
}

function memoryCheck(what: string, ratio: number | null, bound: number, hasToTell: boolean): Check {
  return {
    what,
    bound: `at most ${bound.toFixed(2)}`,
    measured: ratio === null ? 'not told' : ratio.toFixed(3),
    isMet: ratio === null ? (hasToTell ? false : null) : ratio <= bound,
  }
}
