import { sql } from 'drizzle-orm'
import type { Emptied } from '../../model/history.ts'
import type { Connection } from './connection.ts'

/** Rows of conversations that one statement deletes. */
const ROWS_AT_ONCE = 10_000

/** A million rows at a time; what more there is goes next time. */
const MAX_STATEMENTS = 100

/** To look through a partition whose rows have just been deleted takes as long as there were rows. */
const TIMEOUT_MS = 60_000

/**
 * Forgets conversations without events that were last cleared before `marker` (Unix ms), and drops the empty partitions of months before
 * it. Safe to repeat, and beside appends.
 */
export async function dropEmptied(connection: Connection, marker: number): Promise<Emptied> {
  const conversations = await forgetEmptied(connection, marker)
  // One attempt: who holds the lock for longer than it waits is not to be waited for again and again.
  const emptied = await connection.rows<'name' | 'kept_because'>(
    'dropEmptiedPartitions',
    sql`SELECT name, coalesce(kept_because, '') AS kept_because FROM drop_emptied_partitions(${marker}::bigint)`,
    { timeoutMs: TIMEOUT_MS, attempts: 1 },
  )
  const kept = emptied.flatMap(({ name, kept_because: because }) => (because === '' ? [] : [{ name, because }]))
  return { conversations, partitions: emptied.length - kept.length, kept }
}

/** Gives the number of conversations. */
export async function forgetEmptied(connection: Connection, marker: number): Promise<number> {
  let all = 0
  for (let statements = 1; statements <= MAX_STATEMENTS; statements += 1) {
    const [row] = await connection.rows<'forgotten'>(
      'forgetEmptiedConversations',
      sql`SELECT forget_emptied_conversations(${marker}::bigint, ${ROWS_AT_ONCE}::bigint) AS forgotten`,
      { timeoutMs: TIMEOUT_MS },
    )
    const forgotten = Number(row?.forgotten ?? 0)
    all += forgotten
    if (forgotten < ROWS_AT_ONCE) break
  }
  return all
}
