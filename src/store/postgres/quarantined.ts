import { sql } from 'drizzle-orm'
import type { PageRequest, QuarantinePage } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { checkedPosition } from './errors.ts'
import { cutPage, isoTime, readRows } from './page.ts'
import { quarantine } from './schema.ts'

type Column = 'position' | 'conversation_id' | 'seq' | 'recorded_at' | 'set_aside_at' | 'event_id' | 'code' | 'reason' | 'event'

const COLUMNS = sql`position, conversation_id, seq, ${isoTime(sql`recorded_at`)} AS recorded_at,
  ${isoTime(sql`set_aside_at`)} AS set_aside_at, event_id, code, reason, event`

/** The tenant's quarantined events in the order in which they were set aside. */
export async function quarantined(connection: Connection, tenant: string, page: PageRequest): Promise<QuarantinePage> {
  const after = checkedPosition('quarantined', page.after ?? '0')
  const statement = cutPage({
    candidates: (rows) => sql`SELECT * FROM ${quarantine}
      WHERE ${quarantine.tenantId} = ${tenant} AND ${quarantine.position} > ${after}::bigint
      ORDER BY ${quarantine.position} LIMIT ${rows}::bigint`,
    order: sql`position`,
    columns: COLUMNS,
  })
  const { rows, more } = await readRows<Column>(connection, 'quarantined', statement, page.limit)
  const items = rows.map((row) => ({
    cursor: row.position,
    conversation_id: row.conversation_id,
    seq: Number(row.seq),
    recorded_at: row.recorded_at,
    set_aside_at: row.set_aside_at,
    event_id: row.event_id,
    code: row.code,
    reason: row.reason,
    event: row.event,
  }))
  return { items, more }
}
