import { type SQL, sql } from 'drizzle-orm'
import { EventPersistenceError } from '../../model/errors.ts'
import type { Connection } from './connection.ts'
import { ensurePartitions } from './partitions.ts'

/** One round trip carries 8 MiB at most, which a small compute node takes a few seconds for. */
const TIMEOUT_MS = 30_000

/** Partitions never vanish in normal operation: once is enough, twice allows for a clock at the edge of the window. */
const MAX_ROUNDS = 3

type Answer = { readonly status: 'missing-partitions'; readonly months: readonly string[] } | { readonly status: 'done' }

/**
 * Runs `append_events` or `record_events` and gives its answer. Where a month's partition is missing, they say so and store
 * nothing; it is made in a request of its own, because making it under the tenants' locks can deadlock.
 */
export async function write<Outcome>(connection: Connection, operation: string, call: SQL): Promise<Outcome> {
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const [row] = await connection.rows<'answer'>(operation, sql`SELECT ${call}::text AS answer`, { timeoutMs: TIMEOUT_MS })
    const answer = JSON.parse(row?.answer ?? 'null') as Answer
    if (answer.status !== 'missing-partitions') return answer as Outcome
    await ensurePartitions(connection, operation, answer.months)
  }
  throw new EventPersistenceError(`Partitions for ${operation} were made and are missing again.`, { operation, transient: true })
}

/** A JSON array from comma-joined elements, of which empty ones are left out. */
export function jsonArray(parts: readonly string[]): string {
  return `[${parts.filter((part) => part !== '').join(',')}]`
}
