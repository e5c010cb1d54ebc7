import type pg from 'pg'
import type { TextItem } from '../../client/page-texts.ts'
import { idOf, type StoredRow } from './compare.ts'

/** Conversations asked for at a time. */
const LIST_LIMIT = 1_000

/** Every conversation of a tenant that Postgres knows, in the order of their ids. */
export async function* storedConversations(client: pg.Client, tenant: string): AsyncGenerator<string> {
  let after: string | null = null
  for (;;) {
    const page: pg.QueryResult<{ conversation_id: string }> = await client.query(
      `SELECT conversation_id FROM conversations
       WHERE tenant_id = $1 AND event_count > 0 AND ($2::text IS NULL OR conversation_id COLLATE "C" > $2)
       ORDER BY conversation_id COLLATE "C" LIMIT $3`,
      [tenant, after, LIST_LIMIT],
    )
    for (const { conversation_id } of page.rows) yield conversation_id
    after = page.rows.at(-1)?.conversation_id ?? null
    if (page.rows.length < LIST_LIMIT) return
  }
}

/** The rows of a conversation whose seq is above `after` and not above `through`; a null `through` sets no end. */
export async function storedRows(
  client: pg.Client,
  tenant: string,
  conversationId: string,
  after: number,
  through: number | null,
): Promise<StoredRow[]> {
  const { rows } = await client.query<Omit<StoredRow, 'seq'> & { seq: string }>(
    `SELECT seq, event_id, id::text AS position, event::text AS text, false AS aside FROM events
     WHERE tenant_id = $1 AND conversation_id = $2 AND seq > $3 AND ($4::bigint IS NULL OR seq <= $4)
     UNION ALL
     SELECT seq, event_id, position::text, event, true FROM quarantine
     WHERE tenant_id = $1 AND conversation_id = $2 AND seq > $3 AND ($4::bigint IS NULL OR seq <= $4)`,
    [tenant, conversationId, after, through],
  )
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }))
}

export async function hasEvents(client: pg.Client, tenant: string): Promise<boolean> {
  return (await client.query('SELECT FROM events WHERE tenant_id = $1 LIMIT 1', [tenant])).rowCount === 1
}

/** Whether the tenant has the event that an item of the feed is of, at its place. */
export async function holdsEvent(client: pg.Client, tenant: string, { cursor, text }: TextItem): Promise<boolean> {
  const statement = 'SELECT FROM events WHERE tenant_id = $1 AND id = $2 AND event_id = $3'
  return (await client.query(statement, [tenant, cursor, idOf(text)])).rowCount === 1
}

/** Event ids that stand more than once in the feed of a tenant, which the table's key alone does not rule out. */
export async function repeatedIds(client: pg.Client, tenant: string): Promise<string[]> {
  const { rows } = await client.query<{ event_id: string }>(
    'SELECT event_id FROM events WHERE tenant_id = $1 GROUP BY event_id HAVING count(*) > 1 ORDER BY event_id LIMIT 1000',
    [tenant],
  )
  return rows.map(({ event_id }) => event_id)
}
