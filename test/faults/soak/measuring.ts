import type { Killable } from '../kill/killable.ts'
import type { Backlog, DeliveryWatch } from './backlog.ts'
import type { Book } from './book.ts'
import { type Disruptor, type Happened, isOfDatabase } from './disruptions.ts'
import type { LiveReading } from './live-reading.ts'
import type { LifeMemory, MemorySample } from './memory.ts'
import { RuntimeMemory } from './runtime-memory.ts'
import { type Busy, type Minute, minutesOf, Processors, type Sample } from './samples.ts'
import type { Way } from './way.ts'

export interface MeasuringOptions {
  readonly book: Book
  readonly way: Way
  readonly backlog: Backlog
  readonly watch: DeliveryWatch
  readonly live: LiveReading
  readonly killable: Killable
  readonly disruptor: Disruptor
  /** Since the load began. */
  readonly nowMs: () => number
  readonly log: (line: string) => void
}

export interface Measured {
  readonly minutes: readonly Minute[]
  readonly lives: readonly LifeMemory[]
  /** The largest backlog while nothing was away, in events, and the longest wait of an event while the database was there. */
  readonly calmBacklog: number
  readonly oldestMs: number
  readonly busy: Busy
  /** The most that this process took, in bytes. */
  readonly ownMemory: number
}

/** Between two looks at the memory, each of which makes the runtime collect its garbage. */
const MEMORY_MS = 10_000

/** Looks at everything once a second, and says so once a minute. */
export class Measuring {
  readonly #options: MeasuringOptions
  readonly #samples: Sample[] = []
  readonly #memory: RuntimeMemory
  #isLooking = false
  #lookedMs = Number.NEGATIVE_INFINITY
  #newMemory: MemorySample['bytes'] | null = null
  readonly #processors = new Processors()
  #ownMemory = 0

  constructor(options: MeasuringOptions) {
    this.#options = options
    this.#memory = new RuntimeMemory(options.killable)
  }

  async sample(): Promise<void> {
    const { book, way, backlog, watch, live, disruptor, nowMs } = this.#options
    const askedMs = nowMs()
    const isThere = await watch.look()
    const atMs = nowMs()
    const { oldestAt } = backlog
    for (const one of disruptor.happened) {
      const isBack = isThere && one.toMs !== null && askedMs > one.toMs && one.caughtUpMs === null
      if (isBack && (oldestAt === null || oldestAt > (one.toMs ?? 0))) one.caughtUpMs = atMs
    }
    const lag = live.takeLag()
    this.#samples.push({
      atMs,
      acknowledged: book.acknowledged,
      failedTries: way.failedTries,
      backlog: backlog.events,
      oldestMs: oldestAt === null ? 0 : servedMs(oldestAt, atMs, disruptor.happened),
      isCalm: disruptor.happened.every(({ caughtUpMs }) => caughtUpMs !== null),
      memory: this.#takeMemory(),
      liveLagMs: lag.conversation,
      feedLagMs: lag.feed,
    })
    this.#ownMemory = Math.max(this.#ownMemory, process.memoryUsage.rss())
    this.#processors.look()
    this.#tell()
  }

  /** The seconds after the load are no longer of a steady rate: only what waits in them counts. */
  result(durationMs: number): Measured {
    const loaded = this.#samples.filter(({ atMs }) => atMs <= durationMs)
    const calm = loaded.filter(({ isCalm }) => isCalm)
    return {
      minutes: minutesOf(loaded),
      lives: this.#memory.lives,
      calmBacklog: Math.max(0, ...calm.map(({ backlog }) => backlog)),
      oldestMs: Math.max(0, ...this.#samples.map(({ oldestMs }) => oldestMs)),
      busy: this.#processors.busy,
      ownMemory: this.#ownMemory,
    }
  }

  close(): void {
    this.#memory.close()
  }

  /** What was found since the last call. Looks beside everything else, now and then. */
  #takeMemory(): MemorySample['bytes'] | null {
    const found = this.#newMemory
    this.#newMemory = null
    const { nowMs } = this.#options
    if (!this.#isLooking && nowMs() - this.#lookedMs >= MEMORY_MS) {
      this.#isLooking = true
      this.#lookedMs = nowMs()
      void this.#memory.look(nowMs).then((bytes) => {
        this.#isLooking = false
        this.#newMemory = bytes
      })
    }
    return found
  }

  #tell(): void {
    const [before, last] = this.#samples.slice(-2)
    if (!before || !last || Math.floor(before.atMs / 60_000) === Math.floor(last.atMs / 60_000)) return
    const minute = minutesOf(this.#samples.slice(0, -1)).at(-1)
    if (!minute) return
    const { number, rate, failedTries, backlog, memory } = minute
    const mib = memory === null ? '' : `, ${(memory.live / 2 ** 20).toFixed(1)} MiB live`
    this.#options.log(`minute ${number}: ${rate.toFixed(1)} events/s, ${failedTries} failed tries, backlog ${backlog}${mib}`)
  }
}

/** The part of a time in which the database was there. */
export function servedMs(fromMs: number, toMs: number, happened: readonly Happened[]): number {
  return happened.filter(isOfDatabase).reduce((left, one) => {
    const [begin, end] = [Math.max(one.fromMs, fromMs), Math.min(one.toMs ?? toMs, toMs)]
    return left - Math.max(end - begin, 0)
  }, toMs - fromMs)
}
