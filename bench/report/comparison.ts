import { isLedgerMet, isMet, type Ledger, type Other, type Percentiles, type Result, type Row } from '../comparison/row.ts'
import type { SystemName } from '../stage.ts'
import { answer, renderTableOf, round } from './table.ts'

const NAMES: Readonly<Record<SystemName, string>> = {
  store: 'this store',
  emmett: 'Emmett',
  afternoon: 'afternoon server',
  control: 'bare control',
}

const SYSTEMS: readonly SystemName[] = ['store', 'emmett', 'afternoon', 'control']
const OTHERS: readonly Other[] = ['emmett', 'afternoon', 'control']

/** What each system did, and how many times better the store is. */
export function renderComparison(rows: readonly Row[]): string {
  const head = ['setting', 'work', 'unit', ...SYSTEMS.map((name) => NAMES[name]), ...OTHERS.map((name) => `× ${NAMES[name]}`)]
  return renderTableOf(
    [...head, 'aims', 'met'],
    rows.map((row) => [
      row.setting,
      row.name,
      row.unit,
      ...SYSTEMS.map((name) => renderValue(row.systems[name])),
      ...OTHERS.map((name) => renderRatio(row.ratios[name])),
      OTHERS.filter((name) => row.aims?.[name] !== undefined)
        .map((name) => `× ${NAMES[name]} ≥ ${row.aims?.[name]}`)
        .join(', '),
      answer(isMet(row)),
    ]),
  )
}

/** Of single requests, over all rounds; of a whole run where that is what was timed. */
export function renderLatencies(rows: readonly Row[]): string {
  const body = rows.flatMap((row) =>
    SYSTEMS.flatMap((name) => {
      const latency = row.systems[name]?.latency_ms
      if (!latency) return []
      const parts = (['p50', 'p95', 'p99', 'p999'] as const).map((part: keyof Percentiles) => round(latency[part]))
      return [[row.setting, row.name, NAMES[name], ...parts, String(row.systems[name]?.requests)]]
    }),
  )
  return renderTableOf(['setting', 'work', 'of', 'p50 ms', 'p95', 'p99', 'p99.9', 'requests'], body)
}

/** What the work took until all of it was in PostgreSQL: for 1,000 events where events were written, else for 1,000 requests. */
export function renderCpu(rows: readonly Row[]): string {
  const body = rows.flatMap((row) =>
    SYSTEMS.flatMap((name) => {
      const result = row.systems[name]
      if (!result?.spent) return []
      const { spent, sent_bytes, received_bytes } = result
      const thousands = (result.events > 0 ? result.events : result.requests) / 1_000
      const of = (value: number | null) => (value === null ? '' : round(value / thousands))
      return [
        [
          row.setting,
          row.name,
          NAMES[name],
          result.events > 0 ? 'events' : 'requests',
          of(spent.server_cpu_ms),
          of(spent.gateway_cpu_ms),
          of(spent.postgres_cpu_ms),
          of(spent.transactions),
          of(spent.wal_bytes / 1_000),
          of(sent_bytes / 1_000),
          of(received_bytes / 1_000),
        ],
      ]
    }),
  )
  const cpu = ['server CPU ms', 'gateway CPU ms', 'PostgreSQL CPU ms']
  const head = ['setting', 'work', 'of', 'for 1,000', ...cpu, 'write transactions', 'WAL KB', 'sent KB', 'received KB']
  return renderTableOf(head, body)
}

/** What became of what was written. */
export function renderLedgers(ledgers: readonly Ledger[]): string {
  const head = ['setting', 'of', 'events written', 'acknowledged', 'failed writes', 'failed reads', 'acknowledged, then lost']
  return renderTableOf(
    [...head, 'all in PostgreSQL after', 'met'],
    ledgers.map((ledger) => [
      ledger.away_seconds === 0 ? ledger.setting : `${ledger.setting} for ${round(ledger.away_seconds)} s`,
      NAMES[ledger.system],
      ledger.written.toLocaleString('en'),
      ledger.acknowledged.toLocaleString('en'),
      ledger.failed_writes.toLocaleString('en'),
      ledger.reads === 0 ? '' : `${ledger.failed_reads} of ${ledger.reads}`,
      ledger.lost.toLocaleString('en'),
      ledger.caught_up_seconds === null ? '' : `${round(ledger.caught_up_seconds)} s`,
      answer(isLedgerMet(ledger)),
    ]),
  )
}

/** The comparison in fewer columns, for readers who did not run it. */
export function renderBriefComparison(rows: readonly Row[]): string {
  return renderTableOf(
    ['setting', 'work', ...SYSTEMS.map((name) => NAMES[name]), ...OTHERS.map((name) => `× ${NAMES[name]}`)],
    rows.map((row) => [
      row.setting,
      row.name,
      ...SYSTEMS.map((name) => (row.systems[name] ? `${renderValue(row.systems[name])} ${row.unit}` : '')),
      ...OTHERS.map((name) => renderRatio(row.ratios[name])),
    ]),
  )
}

export function renderBriefLedgers(ledgers: readonly Ledger[]): string {
  return renderTableOf(
    ['setting', 'of', 'written', 'acknowledged', 'failed writes', 'failed reads', 'acknowledged, then lost'],
    ledgers.map((ledger) => [
      ledger.away_seconds === 0 ? ledger.setting : `${ledger.setting} for ${round(ledger.away_seconds)} s`,
      NAMES[ledger.system],
      ledger.written.toLocaleString('en'),
      ledger.acknowledged.toLocaleString('en'),
      ledger.failed_writes.toLocaleString('en'),
      ledger.reads === 0 ? '' : `${ledger.failed_reads} of ${ledger.reads}`,
      ledger.lost.toLocaleString('en'),
    ]),
  )
}

function renderValue(result: Result | undefined): string {
  return result === undefined ? '' : round(result.value)
}

function renderRatio(ratio: number | undefined): string {
  return ratio === undefined ? '' : round(ratio)
}
