import { sql } from 'drizzle-orm'
import type { Connection } from './connection.ts'

/** Moving a month's rows out of the default partition takes as long as there are rows. */
const TIMEOUT_MS = 60_000

/** Makes the partitions of these months (`2025-08-01`) where they are missing. A month outside the window has none. */
export async function ensurePartitions(connection: Connection, operation: string, months: readonly string[]): Promise<void> {
  await connection.rows(operation, sql`SELECT ensure_event_partitions(${sql.param(months)}::date[])::text`, {
    timeoutMs: TIMEOUT_MS,
  })
}

/** Months of which a partition is made ahead, the current one included. */
const MONTHS_AHEAD = 3

/** Makes the partitions of the month of `now` (Unix ms) and the two that follow, so that no append has to. */
export function maintain(connection: Connection, now: number): Promise<void> {
  const today = new Date(now)
  const months = Array.from({ length: MONTHS_AHEAD }, (_, ahead) =>
    new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + ahead, 1)).toISOString().slice(0, 10),
  )
  return ensurePartitions(connection, 'maintain', months)
}
