import type { Counts, OperationCosts } from '../counts.ts'
import { CONVERSATIONS_HOT_DAYS } from './hot-days.ts'
import type { Run } from './published.ts'
import { renderTableOf, round } from './table.ts'

export interface Price {
  readonly usd: number
  readonly per: number
  readonly unit: string
  readonly included: string
  readonly source: string
  readonly until?: string
}

export type Charge =
  | 'worker_request'
  | 'worker_cpu_ms'
  | 'object_request'
  | 'object_gb_second'
  | 'row_written'
  | 'row_read'
  | 'stored_gb_month'
  | 'queue_operation'
  | 'log_event'

export interface PriceList {
  readonly as_of: string
  readonly plan: string
  readonly currency: string
  readonly prices: Readonly<Record<Charge, Price>>
}

const MILLION = 1_000_000

/** Of memory, whatever an object uses of it. */
const OBJECT_GB = 0.128
const DAYS_A_MONTH = 30

const LABELS: Readonly<Record<Charge, string>> = {
  worker_request: 'Worker requests',
  worker_cpu_ms: 'processor time of the Worker',
  object_request: 'object requests',
  object_gb_second: 'object duration',
  row_written: 'rows written',
  row_read: 'rows read',
  stored_gb_month: 'stored in objects',
  queue_operation: 'queue operations',
  log_event: 'logs',
}

const CHARGES = Object.keys(LABELS) as Charge[]

/** What a million events take of everything that has a price. */
export function usePerMillion(cost: OperationCosts): Record<Charge, number> {
  const all = (name: keyof Counts) => cost.counts[name] + cost.trim_counts[name]
  const used: Record<Charge, number> = {
    worker_request: all('worker_requests') + all('consumer_runs'),
    worker_cpu_ms: cost.worker_cpu_ms ?? Number.NaN,
    object_request: all('object_requests'),
    object_gb_second: (all('object_requests') * cost.request_ms * OBJECT_GB) / 1_000,
    row_written: all('rows_written'),
    row_read: all('rows_read'),
    stored_gb_month: ((cost.stored_bytes / 1e9) * CONVERSATIONS_HOT_DAYS) / DAYS_A_MONTH,
    queue_operation: all('queue_operations'),
    log_event: all('log_lines'),
  }
  return Object.fromEntries(CHARGES.map((charge) => [charge, (used[charge] * MILLION) / cost.events])) as Record<Charge, number>
}

export function dollarsPerMillion(cost: OperationCosts, { prices }: PriceList): Record<Charge, number> {
  const use = usePerMillion(cost)
  return Object.fromEntries(CHARGES.map((charge) => [charge, (use[charge] * prices[charge].usd) / prices[charge].per])) as Record<
    Charge,
    number
  >
}

/** docs/cost.md, whole. */
export function renderCost(run: Run, list: PriceList): string {
  const { costs } = run
  const sums = costs.map((cost) => {
    const dollars = dollarsPerMillion(cost, list)
    return CHARGES.reduce((all, charge) => all + dollars[charge], 0)
  })
  const caseOf = ({ batch, apart }: OperationCosts) => (apart ? 'single, apart' : batch === 1 ? 'single' : `batches of ${batch}`)
  const heads = costs.map(caseOf)
  const dollars = (value: number) => (Number.isFinite(value) ? `$${value < 0.005 ? '0.00' : value.toFixed(2)}` : '')
  const bytes = costs[0]?.event_bytes ?? 0
  const postgres = (name: string, of: (cost: OperationCosts) => number | null) => [
    name,
    ...costs.map((cost) => {
      const value = of(cost)
      return value === null ? '' : round((value * MILLION) / cost.events)
    }),
  ]
  return `# What it costs

Written by \`npm run bench -- --write\` from operations that it counted and from the price list \`bench/prices.json\`
(${list.as_of}): do not edit it by hand.

## Price of a million events

Events of ${(bytes / 1_000).toFixed(1)} KB, recorded, kept for ${CONVERSATIONS_HOT_DAYS} days in their object, delivered to Postgres and then dropped
from the object. ${list.plan}; in ${list.currency}; before tax. How many events a request brings is what matters.

${renderTableOf(
  ['for 1,000,000 events', ...heads],
  [
    ...CHARGES.map((charge) => [LABELS[charge], ...costs.map((cost) => dollars(dollarsPerMillion(cost, list)[charge]))]),
    ['**sum**', ...sums.map((sum) => `**${dollars(sum)}**`)],
  ],
)}

Requests follow one another, as an assistant's events do, so that a delivery to Postgres is shared by several of them.${
    costs.some(({ apart }) => apart)
      ? ` "Single, apart" is the
dearest way: each event comes by itself, after the one before was delivered.`
      : ''
  }

- Object duration is an upper bound: an object is taken to be active as long as the caller waits, in each of its requests.
- Processor time is that of the local runtime, the objects' included, with what it takes to run Cloudflare's queue locally.
- Logs are the lines of the service, of which \`LOG_LEVEL=warn\` leaves out most. Those of the platform, one for each run of the Worker and
  of an object, are turned off in \`wrangler.toml\`.
- A run of the queue's consumer counts as a Worker request. Dropping a conversation from its object is counted with its alarm and the
  rows that it writes; that a dropped table counts as none is what the local runtime says.
- A read of a conversation from its object is a Worker request and an object request; a read by another key is a Worker request and a
  round trip to Postgres. Neither writes a row.

## What is counted

${renderTableOf(
  ['for 1,000,000 events', ...heads],
  CHARGES.map((charge) => [list.prices[charge].unit, ...costs.map((cost) => round(usePerMillion(cost)[charge]))]),
)}

## The work of Postgres

Neon charges for the time that its compute is awake and for storage, so it has no price for an event; this is the work that a million
events make.

${renderTableOf(
  ['for 1,000,000 events', ...heads],
  [
    postgres('round trips (requests to Neon)', (cost) => cost.counts.round_trips),
    postgres('transactions that write', (cost) => cost.postgres.transactions),
    postgres('seconds of processor time', (cost) => cost.postgres.cpu_ms && cost.postgres.cpu_ms / 1_000),
    postgres('MB of write-ahead log', (cost) => cost.postgres.wal_bytes / 1e6),
  ],
)}

## Prices

${renderTableOf(
  ['', list.currency, 'for', 'included in the plan', 'source'],
  CHARGES.map((charge) => {
    const { usd, per, unit, included, source, until } = list.prices[charge]
    return [unit, `${usd}${until === undefined ? '' : ` (until ${until})`}`, per.toLocaleString('en'), included, source]
  }),
)}

Counted on ${run.began.slice(0, 10)}, commit ${run.commit.slice(0, 8)}${run.quick ? ', in a quick run' : ''}.
`
}
