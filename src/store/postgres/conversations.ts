import { type SQL, sql } from 'drizzle-orm'
import type { ConversationKind } from '../../model/conversation-kind.ts'
import type { ConversationInfo, ConversationPage, ConversationsRequest } from '../../model/history.ts'
import type { Connection, Row } from './connection.ts'
import { checkedPosition } from './errors.ts'
import { isoTime } from './page.ts'
import { events, quarantine, conversations as table } from './schema.ts'

type InfoColumn = 'conversation_id' | 'head_seq' | 'event_count' | 'first_at' | 'last_at'

/** The tenant's conversations, newest activity first. One that gets events between two pages moves ahead of the reader. */
export async function conversations(
  connection: Connection,
  tenant: string,
  page: ConversationsRequest,
): Promise<ConversationPage> {
  const after = page.after === undefined ? undefined : checkedPosition('conversations', page.after)
  const { user_id, kind } = page
  const wanted: Wanted = { tenant, kind, before: after, rows: page.limit + 1 }
  const found = await connection.rows<InfoColumn | 'activity'>(
    'conversations',
    user_id !== undefined ? ofUser(user_id, wanted) : kind !== undefined ? ofKind(kind, wanted) : ofBothKinds(wanted),
  )
  const items = found.slice(0, page.limit).map((row) => ({ ...toInfo(row), cursor: row.activity }))
  return { items, more: found.length > page.limit }
}

interface Wanted {
  readonly tenant: string
  readonly kind: ConversationKind | undefined
  /** An activity, exclusive. */
  readonly before: string | undefined
  readonly rows: number
}

/** The index has each kind apart, so that of a rare one no page reads more than its own. */
function ofKind(kind: ConversationKind, wanted: Wanted): SQL {
  return sql`SELECT ${INFO_COLUMNS}, ${table.activity} FROM ${table}
    WHERE ${isWanted({ ...wanted, kind })} ORDER BY ${table.activity} DESC LIMIT ${wanted.rows}::bigint`
}

function ofBothKinds(wanted: Wanted): SQL {
  return sql`(${ofKind('agent', wanted)}) UNION ALL (${ofKind('application', wanted)})
    ORDER BY activity DESC LIMIT ${wanted.rows}::bigint`
}

/** By the ids of the user's own, and of what was set aside, of which there is little. But for OFFSET 0 the planner could look for these among all that the tenant has. */
function ofUser(userId: string, wanted: Wanted): SQL {
  return sql`
    SELECT found.* FROM (
      SELECT ${events.conversationId} AS id FROM ${events}
      WHERE ${events.tenantId} = ${wanted.tenant} AND ${events.userId} = ${userId} AND ${events.userId} <> ''
      UNION SELECT ${quarantine.conversationId} FROM ${quarantine}
      WHERE ${quarantine.tenantId} = ${wanted.tenant}
        AND matchable_json(${quarantine.event}) #>> '{event_context,invoke_context,user_id}' = ${userId}
    ) AS own
    CROSS JOIN LATERAL (
      SELECT ${INFO_COLUMNS}, ${table.activity} FROM ${table}
      WHERE ${isWanted(wanted)} AND ${table.conversationId} = own.id OFFSET 0
    ) AS found
    ORDER BY activity DESC LIMIT ${wanted.rows}::bigint`
}

function isWanted({ tenant, kind, before }: Wanted): SQL {
  return sql`${table.tenantId} = ${tenant} AND ${table.eventCount} > 0
    ${kind === undefined ? sql`` : sql`AND ${IS_APPLICATION_LOG} = ${sql.raw(String(kind === 'application'))}`}
    ${before === undefined ? sql`` : sql`AND ${table.activity} < ${before}::bigint`}`
}

/** Stands so in the index. */
const IS_APPLICATION_LOG: SQL = sql`(${table.conversationId} ~ '^(workflow|topic):')`

const INFO_COLUMNS: SQL = sql`${table.conversationId}, ${table.headSeq}, ${table.eventCount},
  ${isoTime(sql`${table.firstAt}`)} AS first_at, ${isoTime(sql`${table.lastAt}`)} AS last_at`

function toInfo(row: Row<InfoColumn>): ConversationInfo {
  return {
    conversation_id: row.conversation_id,
    head_seq: Number(row.head_seq),
    event_count: Number(row.event_count),
    first_at: row.first_at,
    last_at: row.last_at,
  }
}
