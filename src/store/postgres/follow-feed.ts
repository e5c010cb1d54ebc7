import { type SQL, sql } from 'drizzle-orm'
import { throughOf } from '../../model/followed-page.ts'
import type { FollowedPage, FollowQuery } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { feedSource } from './feed.ts'
import { ITEM_COLUMNS, type ItemColumn, readRows, toItem } from './page.ts'
import { events } from './schema.ts'

const OPERATION = 'followFeed'

/**
 * The feed with the position that the reader has come to. Positions are taken under the tenant's lock and become visible in order, so
 * that everything at or before the newest that a statement sees is seen by it too.
 */
export async function followFeed(connection: Connection, tenant: string, query: FollowQuery): Promise<FollowedPage> {
  const source = feedSource(OPERATION, tenant, { ...query, order: 'asc' })
  const isWhole = query.event_type === undefined && query.event_name === undefined && query.topic_name === undefined
  const around = isWhole ? undefined : withNewest(tenant)
  const { rows, more } = await readRows<ItemColumn | 'newest'>(
    connection,
    OPERATION,
    { ...source, columns: ITEM_COLUMNS, around },
    query.limit,
    query.max_bytes,
  )
  const page = { items: rows.filter(({ position }) => position !== null).map(toItem), more }
  return { ...page, through: throughOf(page, query.after, rows[0]?.newest ?? undefined) }
}

/** One statement, so one snapshot. A page without rows still has one, with the newest position alone. */
function withNewest(tenant: string) {
  return (page: SQL) => sql`
    SELECT page.*, newest
    FROM (SELECT (SELECT ${events.id} FROM ${events} WHERE ${events.tenantId} = ${tenant} ORDER BY ${events.id} DESC LIMIT 1) AS newest) AS feed
    LEFT JOIN (${page}) AS page ON true
    ORDER BY page.position`
}
