import { type SQL, sql } from 'drizzle-orm'
import type { ComponentFacts } from '../../../model/component-facts.ts'
import { COMPONENT_EVENT_TYPES } from '../../../model/event-types.ts'
import {
  MAX_PAGE_PAIRED_EVENTS,
  MAX_PAIRED_EVENTS,
  MAX_UNFINISHED_ITEMS,
  readUnfinishedCursor,
  type UnfinishedPage,
  type UnfinishedQuery,
  type UnfinishedRequest,
  unfinishedCursor,
} from '../../../model/monitor.ts'
import { unfinishedInvoke } from '../../../model/request-summary.ts'
import { RunPairs } from '../../../model/run-pairs.ts'
import type { Connection, Row } from '../connection.ts'
import { isoTime } from '../page.ts'
import { events, assistantRequests as requests } from '../schema.ts'
import { OVERVIEW_LIMITS } from './limits.ts'

type Column =
  | 'assistant_request_id'
  | 'conversation_id'
  | 'position'
  | 'began'
  | 'started_at'
  | 'last_event_at'
  | 'events'
  | 'failures'
  | 'paired'
  | 'more'

/** As `paired` lists a component event: its id, type and timestamp, and what `component_facts` read from it. */
type PairedEvent = readonly [string, string, string, ComponentFacts]

const COMPONENT_TYPES = sql.raw(COMPONENT_EVENT_TYPES.map((type) => `'${type}'`).join(', '))

/** The unfinished assistant requests begun in the range, newest first. What has not ended in them is found here, by pairing. */
export async function unfinished(connection: Connection, tenant: string, query: UnfinishedQuery): Promise<UnfinishedPage> {
  const limit = Math.min(query.limit, MAX_UNFINISHED_ITEMS)
  const rows = await connection.rows<Column>('unfinished', pageStatement(tenant, query, limit), OVERVIEW_LIMITS)
  return { items: rows.map(toRequest), more: rows.at(-1)?.more === 't' }
}

function pageStatement(tenant: string, { since, until, after }: UnfinishedQuery, limit: number): SQL {
  const place = after === undefined ? null : readUnfinishedCursor(after)
  const newestFirst = sql`started_at DESC, position DESC`
  return sql`
    SELECT page.assistant_request_id, page.conversation_id, page.position, page.events, page.failures, page.more,
      to_char(page.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS began,
      ${isoTime(sql`page.started_at`)} AS started_at, ${isoTime(sql`page.last_event_at`)} AS last_event_at, found.paired
    FROM (
      SELECT candidate.*, row_number() OVER listed AS place, lead(true, 1, false) OVER listed AS more,
        sum(CASE WHEN candidate.events <= ${MAX_PAIRED_EVENTS} THEN candidate.events ELSE 0 END) OVER listed AS work
      FROM (
        SELECT * FROM ${requests}
        WHERE ${requests.tenantId} = ${tenant} AND ${requests.unfinished}
          AND ${requests.startedAt} >= ${since}::timestamptz AND ${requests.startedAt} < ${until}::timestamptz
          ${place === null ? sql`` : sql`AND (${requests.startedAt}, ${requests.position}) < (${place.started_at}::timestamptz, ${place.position}::bigint)`}
        ORDER BY ${newestFirst} LIMIT ${limit + 1}::bigint
      ) AS candidate
      WINDOW listed AS (ORDER BY ${newestFirst} ROWS UNBOUNDED PRECEDING)
    ) AS page
    CROSS JOIN LATERAL (
      SELECT json_agg(json_build_array(e.event_id, e.event_type, ${isoTime(sql`e.timestamp`)}, e.facts) ORDER BY e.id) AS paired
      FROM (
        SELECT ${events.id}, ${events.eventId}, ${events.eventType}, ${events.timestamp},
          component_facts(${events.eventType}, ${events.event}) AS facts
        FROM ${events}
        WHERE ${events.tenantId} = ${tenant} AND ${events.assistantRequestId} = page.assistant_request_id
          AND ${events.timestamp} >= page.started_at AND ${events.timestamp} <= page.last_event_at
          AND ${events.eventType} IN (${COMPONENT_TYPES}) AND page.events <= ${MAX_PAIRED_EVENTS}
      ) AS e
    ) AS found
    WHERE page.place <= ${limit}::bigint AND (page.place = 1 OR page.work <= ${MAX_PAGE_PAIRED_EVENTS})
    ORDER BY page.place`
}

function toRequest(row: Row<Column>): UnfinishedRequest {
  const events = Number(row.events)
  const pairs = new RunPairs()
  for (const [event_id, event_type, timestamp, facts] of JSON.parse(row.paired ?? '[]') as PairedEvent[]) {
    // An event that jsonb cannot hold shows nothing but its columns.
    pairs.add({ event_id, event_type, facts: { ...facts, timestamp: facts.timestamp ?? timestamp } })
  }
  return {
    cursor: unfinishedCursor({ started_at: row.began, position: row.position }),
    assistant_request_id: row.assistant_request_id,
    conversation_id: row.conversation_id,
    started_at: row.started_at,
    last_event_at: row.last_event_at,
    events,
    failures: Number(row.failures),
    unfinished: pairs.unfinished().map(unfinishedInvoke),
    ...(events > MAX_PAIRED_EVENTS ? { truncated: true } : {}),
  }
}
