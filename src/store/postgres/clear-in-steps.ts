import { sql } from 'drizzle-orm'
import { clearConversations } from './clear.ts'
import type { Connection } from './connection.ts'
import { isoTime } from './page.ts'
import { conversations, events } from './schema.ts'

/** Events that one transaction removes, a batch recorded at once apart: for its length the tenant's appends wait. */
const STEP_EVENTS = 10_000

/**
 * As `clearConversations`, but a conversation with many events loses them in several transactions, the oldest first. What is done stays
 * done when a later step fails. `reader` may read, `upkeep` clears.
 */
export async function clearInSteps(
  reader: Connection,
  upkeep: Connection,
  tenant: string,
  conversationIds: readonly string[],
  marker: number,
  stepEvents = STEP_EVENTS,
): Promise<Map<string, number>> {
  const early = new Map<string, number>()
  for (const id of await longOnes(reader, tenant, conversationIds, stepEvents)) {
    for (;;) {
      const step = await nextStep(reader, tenant, id, stepEvents)
      if (step === null || step >= marker) break
      const removed = (await clearConversations(upkeep, tenant, [id], step)).get(id) ?? 0
      // Someone else clears it, too, or its times do not rise: what is left goes at once.
      if (removed === 0) break
      early.set(id, (early.get(id) ?? 0) + removed)
    }
  }
  const last = await clearConversations(upkeep, tenant, conversationIds, marker)
  return new Map([...last].map(([id, removed]) => [id, removed + (early.get(id) ?? 0)]))
}

async function longOnes(reader: Connection, tenant: string, ids: readonly string[], stepEvents: number): Promise<string[]> {
  const rows = await reader.rows<'conversation_id'>(
    'clearInSteps',
    sql`SELECT ${conversations.conversationId} AS conversation_id FROM ${conversations}
      WHERE ${conversations.tenantId} = ${tenant} AND ${conversations.conversationId} = ANY (${sql.param(ids)}::text[])
        AND ${conversations.eventCount} > ${stepEvents}::bigint`,
  )
  return rows.map((row) => row.conversation_id)
}

/** Unix ms: the time of the last event of the conversation's next step; null where all that there is fits in one. */
async function nextStep(reader: Connection, tenant: string, id: string, stepEvents: number): Promise<number | null> {
  const [row] = await reader.rows<'at'>(
    'clearInSteps',
    sql`SELECT ${isoTime(sql`${events.recordedAt}`)} AS at FROM ${events}
      WHERE ${events.tenantId} = ${tenant} AND ${events.conversationId} = ${id}
      ORDER BY ${events.seq} OFFSET ${stepEvents - 1}::bigint LIMIT 1`,
  )
  return row === undefined ? null : Date.parse(row.at)
}
