import type { SystemName } from '../stage.ts'
import type { Reading } from './meter.ts'

/** What one system did in one row of the comparison. Sums and medians are over all rounds. */
export interface Result {
  /** The median of the rounds, in the row's unit. */
  readonly value: number
  readonly requests: number
  readonly events: number
  /** Of bodies, over HTTP. */
  readonly sent_bytes: number
  readonly received_bytes: number
  readonly latency_ms: Percentiles | null
  /** From the first request until everything is in PostgreSQL. Null where several rows share one stretch of work. */
  readonly spent: Reading | null
}

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly p999: number
}

/** One line of the comparison. */
export interface Row {
  readonly setting: string
  readonly name: string
  readonly unit: string
  readonly better: 'more' | 'less'
  readonly systems: Readonly<Partial<Record<SystemName, Result>>>
  /** How many times better the store is than each other system: the median of the rounds' ratios. */
  readonly ratios: Readonly<Partial<Record<Other, number>>>
  /** What these ratios are to be at least. */
  readonly aims?: Readonly<Partial<Record<Other, number>>>
}

export type Other = Exclude<SystemName, 'store'>

/** What became of what was written in one setting. */
export interface Ledger {
  readonly setting: string
  readonly system: SystemName
  /** Seconds that the database was away. */
  readonly away_seconds: number
  readonly written: number
  readonly acknowledged: number
  /** Requests that were answered with an error, or not at all. */
  readonly failed_writes: number
  readonly reads: number
  readonly failed_reads: number
  /** Acknowledged, and not there in the end. */
  readonly lost: number
  /** From the return of the database until it had everything, where that was looked at. */
  readonly caught_up_seconds: number | null
}

/** Null where nothing is aimed at. */
export function isMet({ aims, ratios }: Row): boolean | null {
  if (!aims) return null
  return Object.entries(aims).every(([other, bound]) => (ratios[other as Other] ?? Number.NaN) >= bound)
}

export function isLedgerMet({ system, lost, failed_writes }: Ledger): boolean | null {
  return system === 'store' ? lost === 0 && failed_writes === 0 : null
}
