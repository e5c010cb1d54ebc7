import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Counts, OperationCosts } from '../../bench/counts.ts'
import { dollarsPerMillion, type PriceList } from '../../bench/report/cost.ts'
import { CONVERSATIONS_HOT_DAYS } from '../../bench/report/hot-days.ts'

const NONE: Counts = {
  worker_requests: 0,
  consumer_runs: 0,
  object_requests: 0,
  rows_written: 0,
  rows_read: 0,
  queue_operations: 0,
  log_lines: 0,
  round_trips: 0,
}

const price = (usd: number, per = 1) => ({ usd, per, unit: '', included: '', source: '' })

const LIST: PriceList = {
  as_of: '2026-01-01',
  plan: '',
  currency: 'USD',
  prices: {
    worker_request: price(2, 10),
    worker_cpu_ms: price(3),
    object_request: price(5),
    object_gb_second: price(7),
    row_written: price(11),
    row_read: price(13),
    stored_gb_month: price(17),
    queue_operation: price(19),
    log_event: price(23),
  },
}

it('has no lines of the platform to price: the settings turn them off', () => {
  expect(readFileSync(join(import.meta.dirname, '..', '..', 'wrangler.toml'), 'utf8')).toMatch(/^invocation_logs = false$/m)
})

it('prices what a million events take, their dropping included', () => {
  const cost: OperationCosts = {
    batch: 10,
    apart: false,
    event_bytes: 1_200,
    events: 1_000_000,
    counts: { ...NONE, worker_requests: 40, consumer_runs: 10, object_requests: 60, rows_written: 3, rows_read: 2, log_lines: 1 },
    trim_counts: { ...NONE, object_requests: 1, rows_written: 4, queue_operations: 6 },
    stored_bytes: 30e9,
    request_ms: 1_000,
    worker_cpu_ms: 8,
    postgres: { cpu_ms: 0, transactions: 0, wal_bytes: 0 },
  }
  expect(dollarsPerMillion(cost, LIST)).toEqual({
    worker_request: (40 + 10) * 0.2,
    worker_cpu_ms: 8 * 3,
    object_request: 61 * 5,
    object_gb_second: 61 * 0.128 * 7,
    row_written: 7 * 11,
    row_read: 2 * 13,
    stored_gb_month: CONVERSATIONS_HOT_DAYS * 17,
    queue_operation: 6 * 19,
    // The platform's own are turned off.
    log_event: 1 * 23,
  })
})
