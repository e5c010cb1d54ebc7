import { sql } from 'drizzle-orm'
import type { ActivityPoint, ActivityQuery } from '../../../model/monitor.ts'
import type { Connection } from '../connection.ts'
import { isoTime } from '../page.ts'
import { activity as table } from '../schema.ts'
import { OVERVIEW_LIMITS } from './limits.ts'

/** The tenant's events by steps of their own timestamps, from what the append counts by the minute. */
export async function activity(
  connection: Connection,
  tenant: string,
  { since, until, step }: ActivityQuery,
): Promise<ActivityPoint[]> {
  const stepOf = sql`date_bin(${step}::integer * interval '1 second', ${table.minute}, timestamptz '1970-01-01 00:00:00Z')`
  const rows = await connection.rows<'at' | 'events' | 'failures'>(
    'activity',
    sql`SELECT ${isoTime(sql`step`)} AS at, sum(events) AS events, sum(failures) AS failures
      FROM (
        SELECT ${stepOf} AS step, ${table.events}, ${table.failures} FROM ${table}
        WHERE ${table.tenantId} = ${tenant} AND ${table.minute} >= ${since}::timestamptz AND ${table.minute} < ${until}::timestamptz
      ) AS counted
      GROUP BY step ORDER BY step`,
    OVERVIEW_LIMITS,
  )
  return rows.map(({ at, events, failures }) => ({ at, events: Number(events), failures: Number(failures) }))
}
