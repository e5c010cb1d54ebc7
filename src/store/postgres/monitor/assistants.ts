import { type SQL, sql } from 'drizzle-orm'
import { MAX_COUNTED_RUNS } from '../../../model/limits.ts'
import { type AssistantActivity, type AssistantsActivity, MAX_ASSISTANTS, type TimeRange } from '../../../model/monitor.ts'
import type { Connection, Row } from '../connection.ts'
import { assistantRuns as runs } from '../schema.ts'
import { OVERVIEW_LIMITS } from './limits.ts'

type Column = 'name' | 'type' | 'requests' | 'responses' | 'failures' | 'count' | 'p50' | 'p95' | 'max' | 'mean' | 'truncated'

/** The assistants' runs that began or ended in the range, from what the append pairs; the newest ones where there are too many. */
export async function assistants(connection: Connection, tenant: string, range: TimeRange): Promise<AssistantsActivity> {
  const rows = await connection.rows<Column>(
    'assistants',
    sql`WITH begun AS (
        SELECT name, count(*) AS requests, max(position) AS newest
        FROM (SELECT ${runs.name}, ${runs.position} ${newest(runs.beganAt, tenant, range)}) AS run
        GROUP BY name
      ),
      ended AS (
        SELECT name, count(*) AS runs, count(*) FILTER (WHERE failed) AS failures, max(position) AS newest, count(micros) AS count,
          percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY micros) AS ranks, max(micros) AS max, round(avg(micros)) AS mean
        FROM (SELECT ${runs.name} COLLATE "C" AS name, ${runs.position}, ${runs.failed}, ${MICROS} AS micros ${newest(runs.endedAt, tenant, range)}) AS run
        GROUP BY name
      ),
      named AS (
        SELECT name, max(newest) AS newest
        FROM (SELECT name COLLATE "C" AS name, newest FROM begun UNION ALL SELECT name, newest FROM ended) AS either
        GROUP BY name
      )
      SELECT named.name, (SELECT ${runs.type} FROM ${runs} WHERE ${runs.tenantId} = ${tenant} AND ${runs.position} = named.newest),
        coalesce(begun.requests, 0) AS requests, coalesce(ended.runs - ended.failures, 0) AS responses,
        coalesce(ended.failures, 0) AS failures, coalesce(ended.count, 0) AS count,
        ended.ranks[1] AS p50, ended.ranks[2] AS p95, ended.max, ended.mean,
        (SELECT sum(requests) FROM begun) >= ${MAX_COUNTED_RUNS} OR (SELECT sum(runs) FROM ended) >= ${MAX_COUNTED_RUNS} AS truncated
      FROM named
      LEFT JOIN begun ON begun.name IS NOT DISTINCT FROM named.name
      LEFT JOIN ended ON ended.name IS NOT DISTINCT FROM named.name
      ORDER BY requests DESC, named.name NULLS LAST
      LIMIT ${MAX_ASSISTANTS + 1}`,
    OVERVIEW_LIMITS,
  )
  return {
    assistants: rows.slice(0, MAX_ASSISTANTS).map(toAssistant),
    truncated: rows.length > MAX_ASSISTANTS || rows[0]?.truncated === 't',
  }
}

/** NULL for an end without an invoke. Clocks differ: a run takes no less than nothing. */
const MICROS: SQL = sql`CASE WHEN ${runs.beganAt} IS NOT NULL
  THEN greatest(0, date_part('epoch', ${runs.endedAt} - ${runs.beganAt}) * 1000000)::bigint END`

function newest(time: typeof runs.beganAt | typeof runs.endedAt, tenant: string, { since, until }: TimeRange): SQL {
  return sql`FROM ${runs}
    WHERE ${runs.tenantId} = ${tenant} AND ${time} >= ${since}::timestamptz AND ${time} < ${until}::timestamptz
    ORDER BY ${time} DESC LIMIT ${MAX_COUNTED_RUNS}`
}

function toAssistant(row: Row<Column>): AssistantActivity {
  const [responses, failures] = [Number(row.responses), Number(row.failures)]
  // A row's type has no nulls; the driver gives them.
  const ms = (micros: string | null) => (micros === null ? null : Number(micros) / 1000)
  return {
    name: row.name as string | null,
    type: row.type as string | null,
    requests: Number(row.requests),
    responses,
    failures,
    success_rate: responses + failures === 0 ? null : responses / (responses + failures),
    duration_ms: { count: Number(row.count), p50: ms(row.p50), p95: ms(row.p95), max: ms(row.max), mean: ms(row.mean) },
  }
}
