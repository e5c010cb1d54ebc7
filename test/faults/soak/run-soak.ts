import { seededRandom } from '../../../src/model/sample-text.ts'
import type { Fault } from '../../support/faulty-proxy.ts'
import { pause } from '../writers.ts'
import { countFaults } from './background-faults.ts'
import { Backlog, DeliveryWatch } from './backlog.ts'
import { Book } from './book.ts'
import { Disruptor, type Happened, isOfDatabase, planDisruptions } from './disruptions.ts'
import { type EndResult, examineEnd } from './end.ts'
import { LiveReading } from './live-reading.ts'
import { type Measured, Measuring } from './measuring.ts'
import { type ReadCount, Reading, type ReadKind } from './reading.ts'
import { startStage } from './stage.ts'
import { until, within } from './wait.ts'
import { Way, Wrongs } from './way.ts'
import { Writing } from './writing.ts'

export interface SoakOptions {
  /** The built Worker. */
  readonly scriptPath: string
  readonly durationMs: number
  readonly seed: number
  /** Events a second. */
  readonly rate: number
  /** How long an idle conversation stays in its object. */
  readonly retentionSeconds: number
  /** One in so many requests to the database is held for 15 seconds. */
  readonly stallEvery?: number
  /** Ends the run early, without a result. */
  readonly signal: AbortSignal
  readonly log: (line: string) => void
}

export interface SoakResult {
  readonly options: Pick<SoakOptions, 'durationMs' | 'seed' | 'rate' | 'retentionSeconds'>
  readonly acknowledged: number
  readonly requests: number
  readonly tries: number
  readonly failures: readonly (readonly [string, number])[]
  readonly givenUp: number
  readonly heldBack: number
  /** Requests that were not acknowledged in the time there was for that after the load had ended. */
  readonly unacknowledged: number
  readonly reads: Readonly<Record<ReadKind, ReadCount>>
  readonly live: { readonly events: number; readonly retries: number; readonly missing: number }
  readonly wrongs: { readonly count: number; readonly first: readonly string[] }
  readonly happened: readonly Happened[]
  readonly faults: readonly (readonly [Fault, number])[]
  readonly measured: Measured
  /** What Postgres did not have when waiting for it was over, in events, and how long that took after the load. */
  readonly left: number
  readonly drainedMs: number
  readonly end: EndResult
}

/** Until every call is acknowledged, once everything is well again. */
const ACKNOWLEDGED_MS = 120_000

/** Until Postgres has all: an alarm comes after a minute at most, and what holds a delivery takes another. */
const DELIVERED_MS = 180_000

const SEEN_MS = 60_000

/** Writes and reads for a while, with faults all the time, and examines what is there in the end. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { durationMs, seed, rate, signal, log } = options
  const stage = await startStage(options)
  const { killable, proxy } = stage
  const random = (part: number) => seededRandom(seed + part)
  const stopped = new AbortController()
  const giveUp = AbortSignal.any([signal, stopped.signal])
  const endings: (() => Promise<unknown>)[] = [() => stage.stop()]
  try {
    signal.throwIfAborted()
    const wrongs = new Wrongs()
    const way = new Way(() => killable.url)
    endings.push(() => way.close())
    const book = new Book(random(1), new Date().toISOString())
    const began = performance.now()
    const nowMs = () => performance.now() - began
    const backlog = new Backlog(nowMs)
    const watch = new DeliveryWatch(backlog, killable.databaseUrl)
    endings.push(() => watch.close())
    const plan = planDisruptions(durationMs, random(2))
    const disruptor = new Disruptor({ plan, killable, nowMs, cutOff: stage.cutOff, log })
    endings.push(() => disruptor.end())
    const wasRuntimeAway = (sinceMs: number) =>
      disruptor.happened.some((one) => !isOfDatabase(one) && (one.toMs === null || one.toMs >= sinceMs))
    stage.startFaults(random(3))
    const writing = new Writing({ book, way, backlog, wrongs, random: random(4), rate, signal: giveUp })
    const reading = new Reading({ book, way, wrongs, random: random(5), nowMs, wasRuntimeAway, signal: giveUp })
    const live = new LiveReading({ book, way, wrongs, random: random(6) })
    endings.push(() => live.end())
    const measuring = new Measuring({ book, way, backlog, watch, live, killable, disruptor, nowMs, log })
    endings.push(async () => measuring.close())

    while (nowMs() < durationMs) {
      await Promise.race([pause(Math.min(1_000, durationMs - nowMs())), disruptor.done.then(() => pause(1_000))])
      signal.throwIfAborted()
      await measuring.sample()
    }
    await disruptor.end()
    stage.endFaults()
    log('the load ends')

    const reads = reading.end()
    const written = await within(writing.end(), ACKNOWLEDGED_MS, signal)
    const unacknowledged = written ? 0 : writing.underWay
    const acknowledged = book.acknowledged
    const endedMs = nowMs()
    const isDelivered = async () => {
      await measuring.sample()
      return backlog.events === 0
    }
    await until(isDelivered, DELIVERED_MS, signal)
    const drainedMs = nowMs() - endedMs
    const left = backlog.events
    const measured = measuring.result(durationMs)
    log(`${left} events are not in Postgres after ${(drainedMs / 1_000).toFixed(1)} s`)
    await within(reads, ACKNOWLEDGED_MS, signal)
    await until(async () => live.missing === 0, SEEN_MS, signal)
    const { missing } = live
    stopped.abort()
    await live.end()
    const end = await examineEnd({ book, killable, log })
    return {
      options: { durationMs, seed, rate, retentionSeconds: options.retentionSeconds },
      acknowledged,
      requests: writing.requests,
      tries: way.tries,
      failures: [...way.failures],
      givenUp: writing.givenUp,
      heldBack: writing.heldBack,
      unacknowledged,
      reads: reading.counts,
      live: { events: live.events, retries: live.retries, missing },
      wrongs: { count: wrongs.count, first: wrongs.first },
      happened: disruptor.happened,
      faults: countFaults(proxy.seen),
      measured,
      left,
      drainedMs,
      end,
    }
  } finally {
    stopped.abort()
    for (const end of endings.reverse()) await end().catch((failure: unknown) => log(String(failure)))
  }
}
