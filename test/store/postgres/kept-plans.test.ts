import { beforeAll, describe, expect, it } from 'vitest'
import { assistantRequestEvents } from '../../../src/store/postgres/assistant-request-events.ts'
import type { Connection } from '../../../src/store/postgres/connection.ts'
import { conversationEvents } from '../../../src/store/postgres/conversation-events.ts'
import { event } from '../../../src/store/postgres/event.ts'
import { feed } from '../../../src/store/postgres/feed.ts'
import { topicEvents } from '../../../src/store/postgres/topic-events.ts'
import { type Explain, explaining } from './explain.ts'
import { useHistory } from './support.ts'

const db = useHistory()
const page = { limit: 20, after: '0' }

const READS: readonly [string, string[], (connection: Connection) => Promise<unknown>][] = [
  ['an event', ['events_pkey', 'quarantine_event'], (c) => event(c, 't1', 'e1')],
  ['an assistant request', ['events_assistant_request'], (c) => assistantRequestEvents(c, 't1', 'r1', page)],
  ['a conversation', ['events_conversation', 'quarantine_pkey'], (c) => conversationEvents(c, 't1', 'c1', page)],
  ['a topic', ['events_topic'], (c) => topicEvents(c, 't1', { name: 't1', offsets: [0, 1] }, page)],
  ['the application events of a topic', ['events_application_topic'], (c) => topicEvents(c, 't1', { name: 't1' }, page)],
  ['the feed', ['events_feed'], (c) => feed(c, 't1', { ...page, order: 'asc' })],
]

let explain: Explain

beforeAll(async () => {
  await db.sql.query(`SELECT ensure_event_partitions('{2025-01-01,2025-02-01}')`)
  explain = await explaining(db)
}, 60_000)

describe.each(READS)('the plan for %s', (_, indexes, read) => {
  it('is right when it is made while all partitions are empty', async () => {
    const { scanned, ...work } = await explain(read)
    expect(work.indexes).toEqual(indexes)
    expect(scanned).toEqual([])
  })
})

describe('the plan for many tenants of few events and one of many', () => {
  let explainSkewed: Explain

  beforeAll(async () => {
    await db.sql.query('ALTER TABLE events DISABLE TRIGGER USER')
    await db.sql.query(`
      INSERT INTO events (tenant_id, event_id, conversation_id, seq, assistant_request_id, event_type, topic_name, topic_offset,
        timestamp, recorded_at, event)
      SELECT CASE WHEN n % 2 = 0 THEN 'small-' || n ELSE 't1' END, md5(n::text), md5('c' || n), n,
        CASE WHEN n % 4 < 2 THEN md5('r' || n) END, CASE WHEN n % 4 < 2 THEN 'PublishToTopic' ELSE 'Note' END, md5('t' || n),
        n % 30, '2025-01-15T00:00:00Z', now(), '{}'
      FROM generate_series(1, 40000) AS n`)
    await db.sql.query('ALTER TABLE events ENABLE TRIGGER USER')
    await db.sql.query(`
      INSERT INTO quarantine (tenant_id, conversation_id, seq, recorded_at, event_id, code, reason, event)
      SELECT CASE WHEN n % 2 = 0 THEN 'small-' || n ELSE 't1' END, md5('c' || n), n, now(), md5(n::text), 'x', 'x', '{}'
      FROM generate_series(1, 40000) AS n`)
    await db.sql.query('ANALYZE events, quarantine')
    explainSkewed = await explaining(db)
  }, 60_000)

  it.each(READS)('reads %s by %j', async (_, indexes, read) => {
    const { scanned, ...work } = await explainSkewed(read)
    expect(work.indexes).toEqual(indexes)
    expect(scanned).toEqual([])
  })
})

describe('a kept plan', () => {
  it('is made once', async () => {
    const text = 'SELECT * FROM events_with_id($1, $2, 1, 1000)'
    const client = await db.openClient()
    await client.query(text, ['t1', 'e1'])
    // Needs a lock of every index when it plans, and only of those that it reads when it runs.
    await client.query('BEGIN')
    await client.query(text, ['t1', 'e1'])
    const { rows } = await client.query<{ name: string }>(
      `SELECT DISTINCT coalesce(i.inhparent, l.relation)::regclass::text AS name
       FROM pg_locks AS l LEFT JOIN pg_inherits AS i ON i.inhrelid = l.relation
       WHERE l.pid = pg_backend_pid() AND l.relation::regclass::text LIKE 'events%' ORDER BY name`,
    )
    await client.query('ROLLBACK')
    expect(rows.map(({ name }) => name)).toEqual(['events', 'events_pkey'])
  })

  it('knows of partitions that are made later', async () => {
    const read = () => db.history.event('t9', 'later')
    expect(await read()).toBeNull()
    await db.sql.query(`SELECT ensure_event_partitions('{2025-03-01}')`)
    await db.sql.query(`
      INSERT INTO events (tenant_id, event_id, conversation_id, seq, event_type, timestamp, recorded_at, event)
      VALUES ('t9', 'later', 'c', 1, 'ToolInvoke', '2025-03-05T00:00:00Z', now(), '{"n":1}')`)
    expect(await read()).toMatchObject({ conversation_id: 'c', seq: 1, event: '{"n":1}' })
  })
})
