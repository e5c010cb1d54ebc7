import { type Event, isExpectedVersionConflictError, JSONParser } from '@event-driven-io/emmett'
import { defaultTag, getPostgreSQLEventStore, type PostgresEventStore } from '@event-driven-io/emmett-postgresql'
import type { Context } from 'hono'
import type pg from 'pg'
import { type AgentEvent, conversationOf, readEvents, readPageDemand } from './request.ts'
import { servePeer } from './serve-peer.ts'

/*
 * Emmett's PostgreSQL event store behind a small server: a stream a conversation, an append a request. What its API lacks is made
 * as its users would, on its table: an index that makes a repeated event harmless, and one for reads by assistant request.
 */

const INDEXES = `
  CREATE UNIQUE INDEX IF NOT EXISTS message_once ON emt_messages (message_id, partition, is_archived);
  CREATE INDEX IF NOT EXISTS messages_of_request ON emt_messages ((message_data ->> 'assistant_request_id'), global_position)`

const COLUMNS = `stream_position, global_position, message_metadata ->> 'recorded_at' AS recorded_at, message_data::text AS event`

const REQUEST = `SELECT ${COLUMNS} FROM emt_messages
  WHERE partition = '${defaultTag}' AND is_archived = FALSE AND message_data ->> 'assistant_request_id' = $1 AND global_position > $2
  ORDER BY global_position LIMIT $3`

const EVENT = `SELECT ${COLUMNS} FROM emt_messages
  WHERE partition = '${defaultTag}' AND is_archived = FALSE AND message_id = $1`

const KNOWN = `SELECT message_id FROM emt_messages
  WHERE partition = '${defaultTag}' AND is_archived = FALSE AND message_id = ANY ($1)`

/** An append conflicts when another one to the same stream was first, or when it repeats an event; the former is the usual case. */
const TRIES = 60
const TRIES_BETWEEN_LOOKS = 3
const LONGEST_PAUSE_MS = 5

interface Row {
  readonly stream_position: bigint
  readonly global_position: bigint
  readonly recorded_at: string
  readonly event: string
}

type StoredEvent = Event<string, AgentEvent, { readonly messageId: string; readonly recorded_at: string }>

servePeer(async (app, pool, databaseUrl) => {
  const store = getPostgreSQLEventStore(databaseUrl, { connectionOptions: { pool }, schema: { autoMigration: 'None' } })
  await store.schema.migrate()
  await pool.query(INDEXES)

  app.post('/v1/events', async (context) => {
    const events = await readEvents(context)
    if (events === null) return context.json({ title: 'not an event, or not an array of events' }, 422)
    let recorded = 0
    for (const [conversation, group] of Map.groupBy(events, conversationOf)) {
      recorded += await append(store, pool, streamOf(conversation), group)
    }
    return context.json({ recorded, duplicates: events.length - recorded, conflicts: [] }, 201)
  })

  app.get('/v1/conversations/:id/events', async (context) => {
    const { after, limit } = readPageDemand(context)
    const { events } = await store.readStream<StoredEvent>(streamOf(context.req.param('id')), {
      from: BigInt(after + 1),
      to: BigInt(after + limit + 1),
    })
    const items = events.slice(0, limit).map(({ data, metadata }) => ({
      seq: Number(metadata.streamPosition),
      cursor: String(metadata.streamPosition),
      recorded_at: metadata.recorded_at,
      event: data,
    }))
    const next_cursor = events.length > limit ? String(items.at(-1)?.seq) : null
    // Its own: what Emmett reads may hold bigints.
    return answerText(context, JSONParser.stringify({ items, next_cursor }))
  })

  app.get('/v1/assistant-requests/:id/events', async (context) => {
    const { after, limit } = readPageDemand(context)
    const values = [context.req.param('id'), after, limit + 1]
    const { rows } = await pool.query<Row>({ name: 'request', text: REQUEST, values })
    const items = rows.slice(0, limit)
    const next = rows.length > limit ? `"${items.at(-1)?.global_position}"` : 'null'
    return answerText(context, `{"items":[${items.map(renderItem).join(',')}],"next_cursor":${next}}`)
  })

  app.get('/v1/events/:id', async (context) => {
    const { rows } = await pool.query<Row>({ name: 'event', text: EVENT, values: [context.req.param('id')] })
    const [row] = rows
    return row ? answerText(context, renderItem(row)) : context.json({ title: 'there is no such event' }, 404)
  })
})

/** Gives how many of the events were new. */
async function append(store: PostgresEventStore, pool: pg.Pool, stream: string, events: readonly AgentEvent[]): Promise<number> {
  let fresh = [...new Map(events.map((event) => [event.event_id, event])).values()]
  const recorded_at = new Date().toISOString()
  for (let attempt = 1; fresh.length > 0; attempt++) {
    try {
      const messages = fresh.map((data): StoredEvent => {
        return { type: data.event_type, data, metadata: { messageId: data.event_id, recorded_at } }
      })
      await store.appendToStream<StoredEvent>(stream, messages)
      return fresh.length
    } catch (error) {
      if (!isExpectedVersionConflictError(error) || attempt === TRIES) throw error
      if (attempt % TRIES_BETWEEN_LOOKS === 0) fresh = await withoutKnown(pool, fresh)
      else await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_PAUSE_MS))
    }
  }
  return 0
}

async function withoutKnown(pool: pg.Pool, events: readonly AgentEvent[]): Promise<AgentEvent[]> {
  const values = [events.map(({ event_id }) => event_id)]
  const { rows } = await pool.query<{ message_id: string }>({ name: 'known', text: KNOWN, values })
  const known = new Set(rows.map(({ message_id }) => message_id))
  return events.filter(({ event_id }) => !known.has(event_id))
}

/** Emmett takes what stands before the first dash as the stream's type. */
function streamOf(conversation: string): string {
  return `conversation-${conversation}`
}

function renderItem(row: Row): string {
  const cursor = String(row.global_position)
  return `{"seq":${row.stream_position},"cursor":"${cursor}","recorded_at":"${row.recorded_at}","event":${row.event}}`
}

function answerText(context: Context, text: string): Response {
  return context.body(text, 200, { 'Content-Type': 'application/json' })
}
