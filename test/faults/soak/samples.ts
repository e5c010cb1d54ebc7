import { cpus } from 'node:os'
import { processorMs } from '../../../bench/processes.ts'
import { median } from '../../../bench/statistics.ts'
import type { MemorySample } from './memory.ts'

/** What is looked at once a second. Counts are those since the load began. */
export interface Sample {
  readonly atMs: number
  readonly acknowledged: number
  readonly failedTries: number
  /** Events acknowledged and not in Postgres. */
  readonly backlog: number
  /** How long the oldest of them has waited while the database was there. */
  readonly oldestMs: number
  /** Whether nothing was away, and what had been away before had been made up for. */
  readonly isCalm: boolean
  /** Of the runtime, where it was looked at. */
  readonly memory: MemorySample['bytes'] | null
  readonly liveLagMs: number
  readonly feedLagMs: number
}

export interface Minute {
  readonly number: number
  /** Events a second. */
  readonly rate: number
  readonly failedTries: number
  /** The largest backlog, and the longest wait in it. */
  readonly backlog: number
  readonly oldestMs: number
  /** Medians in bytes; null without samples. */
  readonly memory: { readonly live: number; readonly resident: number | null } | null
  readonly liveLagMs: number
  readonly feedLagMs: number
}

const MINUTE_MS = 60_000

export function minutesOf(samples: readonly Sample[]): Minute[] {
  const groups = Map.groupBy(samples, ({ atMs }) => Math.floor(atMs / MINUTE_MS))
  let before: Pick<Sample, 'atMs' | 'acknowledged' | 'failedTries'> = { atMs: 0, acknowledged: 0, failedTries: 0 }
  return [...groups].map(([number, group]) => {
    const last = group.at(-1) as Sample
    const longest = (of: (sample: Sample) => number) => Math.max(...group.map(of))
    const minute = {
      number: number + 1,
      rate: ((last.acknowledged - before.acknowledged) * 1_000) / Math.max(last.atMs - before.atMs, 1),
      failedTries: last.failedTries - before.failedTries,
      backlog: longest(({ backlog }) => backlog),
      oldestMs: longest(({ oldestMs }) => oldestMs),
      memory: memoryOf(group),
      liveLagMs: longest(({ liveLagMs }) => liveLagMs),
      feedLagMs: longest(({ feedLagMs }) => feedLagMs),
    }
    before = last
    return minute
  })
}

function memoryOf(group: readonly Sample[]): Minute['memory'] {
  const live = group.map(({ memory }) => memory?.live ?? null).filter((bytes) => bytes !== null)
  const resident = group.map(({ memory }) => memory?.resident ?? null).filter((bytes) => bytes !== null)
  return live.length === 0 ? null : { live: median(live), resident: resident.length === 0 ? null : median(resident) }
}

/** What the processors of the machine did, as parts of all that they could. */
export interface Busy {
  readonly all: number
  /** Of this process and all that it started; null where there is no `/proc`. */
  readonly own: number | null
}

/** Told of from when it is made. */
export class Processors {
  readonly #atFirst = readAll()
  #own = 0
  #ownBefore = processorMs([process.pid])

  /** Often, because a process that ended takes its time along: what it did since the last look is not counted. */
  look(): void {
    const now = processorMs([process.pid])
    if (now !== null && this.#ownBefore !== null) this.#own += Math.max(now - this.#ownBefore, 0)
    this.#ownBefore = now
  }

  get busy(): Busy {
    const { idle, all } = readAll()
    const spent = all - this.#atFirst.all
    return { all: 1 - (idle - this.#atFirst.idle) / spent, own: this.#ownBefore === null ? null : this.#own / spent }
  }
}

/** In ms, of all processors together. */
function readAll(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((one) => one.times)
  const sum = (of: (one: (typeof times)[number]) => number) => times.reduce((all, one) => all + of(one), 0)
  return { idle: sum(({ idle }) => idle), all: sum(({ user, nice, sys, irq, idle }) => user + nice + sys + irq + idle) }
}
