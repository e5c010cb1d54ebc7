import { type SQL, sql } from 'drizzle-orm'
import {
  type AuditEntry,
  type AuditLog,
  type AuditPage,
  type AuditQuery,
  auditCursorOf,
  MAX_AUDIT_PAGE_ITEMS,
  readAuditCursor,
} from '../../model/audit.ts'
import { EventPersistenceError } from '../../model/errors.ts'
import { type Connection, connect } from './connection.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { allOf, isoTime } from './page.ts'
import { audit, tenantSettings } from './schema.ts'

/** The audit log in PostgreSQL. Opens nothing until it is called. Selects and inserts only. */
export function createPostgresAuditLog(options: ConnectionOptions): AuditLog {
  const connection = connect(options)
  return {
    append: (entries) => appendAudit(connection, entries),
    read: (tenant, query) => readAudit(connection, tenant, query),
    recordsReads: (tenant) => recordsReads(connection, tenant),
  }
}

/** No conflict target is named, which would take the right to select. */
export async function appendAudit(connection: Connection, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map(({ tenant, from, ...entry }) => ({ ...entry, ...from, tenant_id: tenant }))
  await connection.rows(
    'appendAudit',
    sql`INSERT INTO ${audit} (id, at, tenant_id, key_id, subject, operation, resource, count, outcome, status, address, country, colo,
        user_agent, request_id)
      SELECT id, at, tenant_id, key_id, subject, operation, resource, count, outcome, status, address, country, colo, user_agent, request_id
      FROM json_to_recordset(${JSON.stringify(rows)}::json) AS entry (id uuid, at timestamptz, tenant_id text, key_id text, subject text,
        operation text, resource jsonb, count bigint, outcome text, status smallint, address inet, country text, colo text,
        user_agent text, request_id text)
      ON CONFLICT DO NOTHING`,
  )
}

export async function readAudit(connection: Connection, tenant: string, query: AuditQuery): Promise<AuditPage> {
  const limit = Math.min(query.limit, MAX_AUDIT_PAGE_ITEMS)
  const rows = await connection.rows<'item'>(
    'readAudit',
    sql`SELECT ${ITEM} AS item FROM ${audit} WHERE ${allOf(conditions(tenant, query))}
      ORDER BY ${audit.at} DESC, ${audit.id} DESC LIMIT ${limit + 1}::bigint`,
  )
  const items = rows.slice(0, limit).map(({ item }) => {
    const entry = JSON.parse(item) as Omit<AuditEntry, 'tenant'>
    return { cursor: auditCursorOf(entry), ...entry }
  })
  return { items, more: rows.length > limit }
}

async function recordsReads(connection: Connection, tenant: string): Promise<boolean> {
  const rows = await connection.rows<'tenant_id'>(
    'recordsReads',
    sql`SELECT ${tenantSettings.tenantId} FROM ${tenantSettings}
      WHERE ${tenantSettings.tenantId} = ${tenant} AND ${tenantSettings.auditReads}`,
  )
  return rows.length > 0
}

/** Whether the role of this connection could change what stands in the log, which no role of the service should. */
export async function mayChangeAudit(options: ConnectionOptions): Promise<boolean> {
  const [row] = await connect(options).rows<'may'>(
    'mayChangeAudit',
    sql`SELECT has_table_privilege('audit', 'UPDATE, DELETE, TRUNCATE') AS may`,
  )
  return row?.may === 't'
}

function conditions(tenant: string, { after, operation, key_id, outcome, since, until }: AuditQuery): (SQL | undefined)[] {
  const cursor = after === undefined ? undefined : checkedCursor(after)
  return [
    sql`${audit.tenantId} = ${tenant}`,
    cursor && sql`(${audit.at}, ${audit.id}) < (${cursor.at}::timestamptz, ${cursor.id}::uuid)`,
    operation === undefined ? undefined : sql`${audit.operation} = ${operation}`,
    key_id === undefined ? undefined : sql`${audit.keyId} = ${key_id}`,
    outcome === undefined ? undefined : sql`${audit.outcome} = ${outcome}`,
    since === undefined ? undefined : sql`${audit.at} >= ${since}::timestamptz`,
    until === undefined ? undefined : sql`${audit.at} < ${until}::timestamptz`,
  ]
}

function checkedCursor(text: string) {
  const cursor = readAuditCursor(text)
  if (cursor) return cursor
  throw new EventPersistenceError('The cursor given to readAudit is none of the audit log.', {
    operation: 'readAudit',
    transient: false,
    refusesData: true,
  })
}

/** `host` leaves out the mask that `inet` may carry. */
const ITEM = sql`json_build_object('id', ${audit.id}, 'at', ${isoTime(sql`${audit.at}`)}, 'key_id', ${audit.keyId},
  'subject', ${audit.subject}, 'operation', ${audit.operation}, 'resource', ${audit.resource}, 'count', ${audit.count},
  'outcome', ${audit.outcome}, 'status', ${audit.status}, 'from', json_build_object('address', host(${audit.address}),
  'country', ${audit.country}, 'colo', ${audit.colo}, 'user_agent', ${audit.userAgent}), 'request_id', ${audit.requestId})`
