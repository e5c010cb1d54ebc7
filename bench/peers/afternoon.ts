import type { Context } from 'hono'
import { type AgentEvent, conversationOf, readEvents, readPageDemand } from './request.ts'
import { servePeer } from './serve-peer.ts'

/*
 * What a team writes in an afternoon, and writes well: one INSERT a request, prepared, through a pool, into the same table as the
 * store's own, its indexes included; a repeated event changes nothing. Events of a conversation are ordered by a sequence, not
 * numbered one by one: that takes no lock.
 */

const INSERT = `
  INSERT INTO events (tenant_id, event_id, conversation_id, seq, assistant_request_id, event_type, event_name, event_version,
    user_id, topic_name, topic_offset, timestamp, recorded_at, event)
  SELECT 'default', event_id, conversation_id, nextval('event_order'), assistant_request_id, event_type, event_name, event_version,
    user_id, topic_name, topic_offset, timestamp, now(), event
  FROM json_to_recordset($1::json) AS (event_id text, conversation_id text, assistant_request_id text, event_type text,
    event_name text, event_version text, user_id text, topic_name text, topic_offset integer, timestamp timestamptz, event json)
  ON CONFLICT DO NOTHING
  RETURNING conversation_id, seq`

/** The event as text: nothing is gained by parsing it only to write it again. */
const COLUMNS = `seq, id, to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS recorded_at, event::text AS event`

const CONVERSATION = `SELECT ${COLUMNS} FROM events
  WHERE tenant_id = 'default' AND conversation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`

const REQUEST = `SELECT ${COLUMNS} FROM events
  WHERE tenant_id = 'default' AND assistant_request_id = $1 AND id > $2 ORDER BY id LIMIT $3`

const EVENT = `SELECT ${COLUMNS} FROM events WHERE tenant_id = 'default' AND event_id = $1`

interface Row {
  readonly seq: string
  readonly id: string
  readonly recorded_at: string
  readonly event: string
}

servePeer(async (app, pool) => {
  await pool.query('CREATE SEQUENCE IF NOT EXISTS event_order')

  app.post('/v1/events', async (context) => {
    const events = await readEvents(context)
    if (events === null) return context.json({ title: 'not an event, or not an array of events' }, 422)
    const values = [JSON.stringify(events.map(rowOf))]
    const { rows } = await pool.query<{ conversation_id: string; seq: string }>({ name: 'insert', text: INSERT, values })
    return context.json({ recorded: rows.length, duplicates: events.length - rows.length, conflicts: [] }, 201)
  })

  app.get('/v1/conversations/:id/events', async (context) => {
    const { after, limit } = readPageDemand(context)
    const values = [context.req.param('id'), after, limit + 1]
    const { rows } = await pool.query<Row>({ name: 'conversation', text: CONVERSATION, values })
    return answerPage(context, rows, limit, 'seq')
  })

  app.get('/v1/assistant-requests/:id/events', async (context) => {
    const { after, limit } = readPageDemand(context)
    const values = [context.req.param('id'), after, limit + 1]
    const { rows } = await pool.query<Row>({ name: 'request', text: REQUEST, values })
    return answerPage(context, rows, limit, 'id')
  })

  app.get('/v1/events/:id', async (context) => {
    const { rows } = await pool.query<Row>({ name: 'event', text: EVENT, values: [context.req.param('id')] })
    const [row] = rows
    return row ? answerText(context, renderItem(row, 'seq')) : context.json({ title: 'there is no such event' }, 404)
  })
})

function rowOf(event: AgentEvent) {
  const { name, offset, invoke_context } = event.event_context
  const topic = event.event_type === 'PublishToTopic' || event.event_type === 'ConsumeFromTopic'
  return {
    event_id: event.event_id,
    conversation_id: conversationOf(event),
    assistant_request_id: event.assistant_request_id,
    event_type: event.event_type,
    event_name: name,
    event_version: event.event_version,
    user_id: invoke_context.user_id,
    topic_name: topic ? name : undefined,
    topic_offset: topic ? offset : undefined,
    timestamp: event.timestamp,
    event,
  }
}

function answerPage(context: Context, rows: readonly Row[], limit: number, cursor: 'seq' | 'id'): Response {
  const items = rows.slice(0, limit)
  const next = rows.length > limit ? `"${items.at(-1)?.[cursor]}"` : 'null'
  return answerText(context, `{"items":[${items.map((row) => renderItem(row, cursor)).join(',')}],"next_cursor":${next}}`)
}

function renderItem(row: Row, cursor: 'seq' | 'id'): string {
  return `{"seq":${row.seq},"cursor":"${row[cursor]}","recorded_at":"${row.recorded_at}","event":${row.event}}`
}

function answerText(context: Context, text: string): Response {
  return context.body(text, 200, { 'Content-Type': 'application/json' })
}
