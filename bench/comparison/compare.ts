import type { System, SystemName } from '../stage.ts'
import { median, quantile } from '../statistics.ts'
import { type Reading, spent } from './meter.ts'
import type { Other, Result, Row } from './row.ts'
import type { Trial } from './trial.ts'

/** What one round of one system gave for one row. */
export interface Sample {
  readonly value: number
  readonly requests: number
  readonly events: number
  readonly sent_bytes: number
  readonly received_bytes: number
  readonly latencies?: readonly number[]
}

export interface RowSpec extends Pick<Row, 'name' | 'unit' | 'better' | 'aims'> {}

export interface Work {
  /** The lines that a round gives samples for, in order. */
  readonly rows: readonly RowSpec[]
  readonly systems: readonly System[]
  readonly rounds: number
  /** One round of one system. */
  round(system: System, round: number): Promise<readonly Sample[]>
}

/** Has the systems do the same work in rounds that take turns, each time in another order, so that what a machine does meanwhile meets all. */
export async function compare({ stage, meter, settled }: Trial, work: Work): Promise<Row[]> {
  const { systems, rows, rounds } = work
  const samples = new Map<SystemName, (readonly Sample[])[]>()
  const readings = new Map<SystemName, Reading[]>()
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < systems.length; place++) {
      const system = systems[(place + round) % systems.length] as System
      const gateway = system.name === 'store' ? stage.gatewayPid : null
      const before = await meter.read(system.pids, gateway)
      const sample = await work.round(system, round)
      if (system.name === 'store') await settled()
      const after = await meter.read(system.pids, gateway)
      if (sample.some(({ events }) => events > 0)) await meter.checkpoint()
      samples.set(system.name, [...(samples.get(system.name) ?? []), sample])
      readings.set(system.name, [...(readings.get(system.name) ?? []), spent(before, after)])
    }
  }
  return rows.map((row, place) => {
    const of = (name: SystemName) => (samples.get(name) ?? []).map((sample) => sample[place] as Sample)
    const result = ({ name }: System) =>
      [name, summarize(of(name), rows.length === 1 ? sum(readings.get(name) ?? []) : null)] as const
    const middleOf = (name: SystemName) => median(of(name).map(({ value }) => value))
    // Of the figures that stand beside it, so that all can be checked with each other.
    const ratio = ({ name }: System) => {
      const [ours, theirs] = [middleOf('store'), middleOf(name)]
      return [name as Other, row.better === 'more' ? ours / theirs : theirs / ours] as const
    }
    return {
      setting: stage.setting,
      ...row,
      systems: Object.fromEntries(systems.map(result)),
      ratios: Object.fromEntries(systems.filter(({ name }) => name !== 'store').map(ratio)),
    }
  })
}

function summarize(samples: readonly Sample[], spent: Reading | null): Result {
  const total = (name: 'requests' | 'events' | 'sent_bytes' | 'received_bytes') =>
    samples.reduce((all, sample) => all + sample[name], 0)
  const latencies = samples.flatMap((sample) => sample.latencies ?? [])
  const at = (part: number) => quantile(latencies, part)
  return {
    value: median(samples.map(({ value }) => value)),
    requests: total('requests'),
    events: total('events'),
    sent_bytes: total('sent_bytes'),
    received_bytes: total('received_bytes'),
    latency_ms: latencies.length === 0 ? null : { p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999) },
    spent,
  }
}

function sum(readings: readonly Reading[]): Reading {
  const total = (name: keyof Reading) =>
    readings.some((reading) => reading[name] === null)
      ? null
      : readings.reduce((all, reading) => all + (reading[name] as number), 0)
  return {
    wal_bytes: total('wal_bytes') as number,
    transactions: total('transactions') as number,
    postgres_cpu_ms: total('postgres_cpu_ms'),
    server_cpu_ms: total('server_cpu_ms'),
    gateway_cpu_ms: total('gateway_cpu_ms'),
  }
}
