import { sql } from 'drizzle-orm'
import type { ApiKeyPage } from '../../../model/api-keys.ts'
import type { PageRequest } from '../../../model/history.ts'
import type { Connection } from '../connection.ts'
import { checkedPosition } from '../errors.ts'
import { apiKeys } from '../schema.ts'
import { INFO_COLUMNS, type InfoColumn, toInfo } from './row.ts'

export async function list(connection: Connection, tenant: string, page: PageRequest): Promise<ApiKeyPage> {
  const after = checkedPosition('list keys', page.after ?? '0')
  const rows = await connection.rows<InfoColumn | 'position'>(
    'list keys',
    sql`SELECT ${INFO_COLUMNS}, ${apiKeys.position} FROM ${apiKeys}
      WHERE ${apiKeys.tenantId} = ${tenant} AND ${apiKeys.position} > ${after}::bigint
      ORDER BY ${apiKeys.position} LIMIT ${page.limit + 1}::bigint`,
  )
  const items = rows.slice(0, page.limit).map((row) => ({ ...toInfo(row), cursor: row.position }))
  return { items, more: rows.length > page.limit }
}
