import type { Killable } from '../kill/killable.ts'
import { pause } from '../writers.ts'

const KINDS = ['runtime killed', 'PostgreSQL killed', 'PostgreSQL stopped', 'PostgreSQL cut off'] as const

export type DisruptionKind = (typeof KINDS)[number]

export interface Disruption {
  readonly kind: DisruptionKind
  /** Since the load began. */
  readonly atMs: number
  /** How long the database stays away at least; 0 where it is the runtime that goes. */
  readonly forMs: number
}

/** Between two disruptions, on average; less where the run is short. */
const GAP_MS = 90_000

/** So many in a short run: each kind, and some twice. */
const LEAST_COUNT = 6

/** The runtime is killed before this part of the run is over, so that one life is long enough to judge its memory by. */
const KILLS_UNTIL = 0.6

/** Of the disruptions of that time, beside the first of each kind: one in five minutes. */
const KILL_SHARE = 0.3

/** What the database is away for, in parts of the gap: 5 to 20 seconds of 90. */
const AWAY = [0.06, 0.22] as const

/** Each kind once, in any order, then by chance; none so late that the run would be over before it is healed. */
export function planDisruptions(durationMs: number, random: () => number): Disruption[] {
  const gap = Math.min(GAP_MS, durationMs / LEAST_COUNT)
  const first = KINDS.map((kind) => ({ kind, at: random() })).toSorted((a, b) => a.at - b.at)
  const away = KINDS.filter((kind) => kind !== 'runtime killed')
  const plan: Disruption[] = []
  for (let atMs = gap * 0.5; atMs < durationMs - gap * 0.5; atMs += gap * (0.6 + random() * 0.8)) {
    const isKill = random() < KILL_SHARE && atMs < durationMs * KILLS_UNTIL
    const other = away[Math.floor(random() * away.length)] as DisruptionKind
    const kind = first[plan.length]?.kind ?? (isKill ? 'runtime killed' : other)
    const length = gap * (AWAY[0] + random() * (AWAY[1] - AWAY[0]))
    const forMs = kind === 'runtime killed' ? 0 : kind === 'PostgreSQL killed' ? length / 10 : length
    plan.push({ kind, atMs: Math.round(atMs), forMs: Math.round(forMs) })
  }
  return plan
}

/** A disruption that happened. */
export interface Happened {
  readonly kind: DisruptionKind
  /** Since the load began, in ms: until what had gone was there again. */
  readonly fromMs: number
  toMs: number | null
  /** When Postgres had all that had been acknowledged by `toMs`. */
  caughtUpMs: number | null
}

export function isOfDatabase({ kind }: Pick<Happened, 'kind'>): boolean {
  return kind !== 'runtime killed'
}

export interface DisruptorOptions {
  readonly plan: readonly Disruption[]
  readonly killable: Killable
  /** Since the load began. */
  readonly nowMs: () => number
  readonly cutOff: (isCut: boolean) => void
  readonly log: (line: string) => void
}

/** Carries the plan out, one after the other, until it is ended. */
export class Disruptor {
  readonly happened: Happened[] = []
  readonly #options: DisruptorOptions
  readonly #ended = new AbortController()
  /** Rejects where something could not be started again. */
  readonly done: Promise<void>

  constructor(options: DisruptorOptions) {
    this.#options = options
    this.done = this.#run()
    this.done.catch(() => undefined)
  }

  /** Heals what is under way. */
  async end(): Promise<void> {
    this.#ended.abort()
    await this.done
  }

  async #run(): Promise<void> {
    const { plan, nowMs, log } = this.#options
    for (const disruption of plan) {
      await this.#wait(disruption.atMs - nowMs())
      if (this.#ended.signal.aborted) return
      const happened: Happened = { kind: disruption.kind, fromMs: nowMs(), toMs: null, caughtUpMs: null }
      this.happened.push(happened)
      await this.#disrupt(disruption)
      happened.toMs = nowMs()
      log(`${disruption.kind}, ${((happened.toMs - happened.fromMs) / 1000).toFixed(1)} s`)
    }
  }

  async #disrupt({ kind, forMs }: Disruption): Promise<void> {
    const { killable, cutOff } = this.#options
    switch (kind) {
      case 'runtime killed':
        await killable.killRuntime()
        await killable.startRuntime()
        return
      case 'PostgreSQL killed':
        await killable.killPostgres()
        await this.#wait(forMs)
        await killable.startPostgres()
        return
      case 'PostgreSQL stopped':
        await killable.stopPostgres()
        await this.#wait(forMs)
        await killable.startPostgres()
        return
      case 'PostgreSQL cut off':
        cutOff(true)
        await this.#wait(forMs)
        cutOff(false)
        return
    }
  }

  #wait(ms: number): Promise<void> {
    const { signal } = this.#ended
    if (ms <= 0 || signal.aborted) return Promise.resolve()
    const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    return Promise.race([pause(ms), ended])
  }
}
