import { sql } from 'drizzle-orm'
import { throughOf } from '../../model/followed-page.ts'
import type { FollowedPage, FollowQuery } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { feedPage, isWhole } from './feed.ts'
import { type ItemColumn, type PageStatement, readRows, toItem } from './page.ts'
import { events } from './schema.ts'

const OPERATION = 'followFeed'

/**
 * The feed with the position that the reader has come to. Positions are taken under the tenant's lock and become visible in order, so
 * that everything at or before the newest that a statement sees is seen by it too.
 */
export async function followFeed(connection: Connection, tenant: string, query: FollowQuery): Promise<FollowedPage> {
  const page = feedPage(OPERATION, tenant, { ...query, order: 'asc' })
  const statement = isWhole(query) ? page : withNewest(tenant, page)
  const { rows, more } = await readRows<ItemColumn | 'newest'>(connection, OPERATION, statement, query.limit, query.max_bytes)
  const found = { items: rows.filter(({ position }) => position !== null).map(toItem), more }
  return { ...found, through: throughOf(found, query.after, rows[0]?.newest ?? undefined) }
}

/** One statement, so one snapshot. A page without rows still has one, with the newest position alone. */
function withNewest(tenant: string, page: PageStatement): PageStatement {
  return (rows, bytes) => sql`
    SELECT page.*, newest
    FROM (SELECT (SELECT ${events.id} FROM ${events} WHERE ${events.tenantId} = ${tenant} ORDER BY ${events.id} DESC LIMIT 1) AS newest) AS feed
    LEFT JOIN (${page(rows, bytes)}) AS page ON true
    ORDER BY page.position`
}
