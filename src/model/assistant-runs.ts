import {
  type AssistantActivity,
  type AssistantsActivity,
  type DurationSpread,
  MAX_ASSISTANTS,
  type TimeRange,
} from './monitor.ts'
import { compareInstants, type Instant, microsBetween, toInstant } from './timestamp.ts'

/** A run of an assistant: an invoke with its end, an invoke alone, or an end alone. In the order of recording. */
export interface AssistantRun {
  readonly name: string | null
  readonly type: string | null
  readonly began: Instant | null
  ended: Instant | null
  failed: boolean
}

/** Counts the runs by assistant, as the history in PostgreSQL does. */
export function assistantsActivity(runs: Iterable<AssistantRun>, { since, until }: TimeRange): AssistantsActivity {
  const [first, end] = [toInstant(since), toInstant(until)]
  const isWithin = (at: Instant | null) =>
    at !== null && first !== null && end !== null && compareInstants(at, first) >= 0 && compareInstants(at, end) < 0
  const found = new Map<string | null, Tally>()
  for (const { name, type, began, ended, failed } of runs) {
    const [hasBegun, hasEnded] = [isWithin(began), isWithin(ended)]
    if (!hasBegun && !hasEnded) continue
    const tally = found.get(name) ?? { name, type, requests: 0, responses: 0, failures: 0, micros: [] }
    found.set(name, tally)
    tally.type = type
    if (hasBegun) tally.requests += 1
    if (!hasEnded) continue
    tally[failed ? 'failures' : 'responses'] += 1
    if (began && ended) tally.micros.push(Math.max(0, microsBetween(began, ended)))
  }
  const all = [...found.values()].sort((a, b) => b.requests - a.requests || compareNames(a.name, b.name))
  return { assistants: all.slice(0, MAX_ASSISTANTS).map(toActivity), truncated: all.length > MAX_ASSISTANTS }
}

interface Tally {
  readonly name: string | null
  type: string | null
  requests: number
  responses: number
  failures: number
  readonly micros: number[]
}

function toActivity({ name, type, requests, responses, failures, micros }: Tally): AssistantActivity {
  const ended = responses + failures
  const success_rate = ended === 0 ? null : responses / ended
  return { name, type, requests, responses, failures, success_rate, duration_ms: spreadOf(micros) }
}

function spreadOf(micros: readonly number[]): DurationSpread {
  const sorted = micros.toSorted((a, b) => a - b)
  const count = sorted.length
  const rank = (share: number) => (sorted[Math.ceil(share * count) - 1] ?? 0) / 1000
  if (count === 0) return { count, p50: null, p95: null, max: null, mean: null }
  const mean = Math.round(sorted.reduce((sum, one) => sum + one, 0) / count) / 1000
  return { count, p50: rank(0.5), p95: rank(0.95), max: rank(1), mean }
}

/** Those without a name come last. */
function compareNames(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return a < b ? -1 : Number(a > b)
}
