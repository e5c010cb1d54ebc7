import { beforeAll, describe, expect, it } from 'vitest'
import { MAX_REQUEST_EVENTS } from '../../../src/model/limits.ts'
import { assistantRequestEvents } from '../../../src/store/postgres/assistant-request-events.ts'
import { readAudit } from '../../../src/store/postgres/audit.ts'
import { clearConversations } from '../../../src/store/postgres/clear.ts'
import type { Connection } from '../../../src/store/postgres/connection.ts'
import { conversationEvents } from '../../../src/store/postgres/conversation-events.ts'
import { conversations } from '../../../src/store/postgres/conversations.ts'
import { conversationsOfEvents } from '../../../src/store/postgres/conversations-of-events.ts'
import { forgetEmptied } from '../../../src/store/postgres/drop-emptied.ts'
import { event } from '../../../src/store/postgres/event.ts'
import { expiredConversations } from '../../../src/store/postgres/expired-conversations.ts'
import { feed } from '../../../src/store/postgres/feed.ts'
import { firstTexts } from '../../../src/store/postgres/first-texts.ts'
import { followFeed } from '../../../src/store/postgres/follow-feed.ts'
import { activity } from '../../../src/store/postgres/monitor/activity.ts'
import { assistants } from '../../../src/store/postgres/monitor/assistants.ts'
import { unfinished } from '../../../src/store/postgres/monitor/unfinished.ts'
import { quarantined } from '../../../src/store/postgres/quarantined.ts'
import { topicEvents } from '../../../src/store/postgres/topic-events.ts'
import { type Explain, explaining } from './explain.ts'
import { useHistory } from './support.ts'

const db = useHistory()
let explain: Explain

beforeAll(async () => {
  await db.sql.query(`SELECT ensure_event_partitions('{2025-01-01,2025-02-01}')`)
  await db.sql.query(`
    INSERT INTO events (tenant_id, event_id, conversation_id, seq, assistant_request_id, event_type, event_name, user_id, topic_name, topic_offset,
      timestamp, recorded_at, event)
    SELECT 't' || n % 4, 'e' || n, 'c' || n % 500, n, CASE WHEN n % 20 <> 3 THEN 'r' || n % 1000 END,
      CASE n % 10 WHEN 0 THEN 'PublishToTopic' WHEN 1 THEN 'Rare' || n % 50 ELSE 'ToolInvoke' END, CASE WHEN n % 20 = 3 THEN 'name' || n % 7 END, 'u' || n % 300,
      't' || n % 3, n % 30, '2025-01-01T00:00:00Z'::timestamptz + n % 59 * interval '1 day', now(), '{}'
    FROM generate_series(1, 20000) AS n`)
  await db.sql.query(`
    INSERT INTO conversations SELECT 't' || n % 4, 'c' || n, 1, 1, now(), now(), n FROM generate_series(1, 5000) AS n`)
  await db.sql.query(`
    INSERT INTO quarantine (tenant_id, conversation_id, seq, recorded_at, event_id, code, reason, event)
    SELECT 't' || n % 4, 'c' || n % 100, n, now(), 'q' || n, '22P02', 'invalid', '{}' FROM generate_series(1, 5000) AS n`)
  await db.sql.query(`
    INSERT INTO audit (id, at, tenant_id, operation, outcome, status, request_id)
    SELECT gen_random_uuid(), now() - n * interval '1 minute', 't' || n % 4, 'GET /v1/events', 'ok', 200, 'r' FROM generate_series(1, 5000) AS n`)
  await db.sql.query(`
    INSERT INTO activity
    SELECT 't' || n % 4, '2024-01-01T00:00:00Z'::timestamptz + n / 4 * interval '1 minute', 1, 0 FROM generate_series(1, 20000) AS n`)
  await db.sql.query(`
    INSERT INTO assistant_requests
    SELECT 't' || n % 4, 'q' || n, n, 'c', '2025-01-01T00:00:00Z'::timestamptz + n * interval '5 minutes',
      '2025-03-01T00:00:00Z', 1, 0, n % 10, 0, 0, 0 FROM generate_series(1, 20000) AS n`)
  await db.sql.query(`
    INSERT INTO assistant_runs
    SELECT 't' || n % 4, n, 'q' || n, gen_random_uuid(), gen_random_uuid(), 'A', 'T', at, at + interval '5 seconds', false
    FROM (SELECT n, '2025-01-01T00:00:00Z'::timestamptz + n * interval '5 minutes' AS at FROM generate_series(1, 20000) AS n) AS run`)
  await db.sql.query('ANALYZE')
  explain = await explaining(db)
}, 60_000)

const page = { limit: 20, after: '100' }
const DAY = { since: '2025-01-02T00:00:00Z', until: '2025-01-03T00:00:00Z' }
const AUDIT_CURSOR = '1760000000000-00000000-0000-4000-8000-000000000000'
const EXPIRED = { tenant: 't1', conversation_id: 'c1', first_at: '2026-01-01T00:00:00.000000Z' }
const manyIds = Array.from({ length: MAX_REQUEST_EVENTS }, (_, n) => `e${n}`)

describe('the planner', () => {
  it.each<[string, string[], (connection: Connection) => Promise<unknown>]>([
    ['the feed', ['events_feed'], (c) => feed(c, 't1', { ...page, order: 'asc' })],
    ['the feed backwards', ['events_feed'], (c) => feed(c, 't1', { limit: 20, order: 'desc' })],
    ['the feed of a type', ['events_feed_of_type'], (c) => feed(c, 't1', { ...page, order: 'asc', event_type: 'Rare1' })],
    ['the feed of a name', ['events_feed_of_name'], (c) => feed(c, 't3', { ...page, order: 'asc', event_name: 'name3' })],
    [
      'the feed of a topic',
      ['events_agent_topic', 'events_application_topic'],
      (c) => feed(c, 't1', { ...page, order: 'asc', topic_name: 't1' }),
    ],
    ['the feed that is followed', ['events_feed'], (c) => followFeed(c, 't1', page)],
    [
      'the feed of a type that is followed',
      ['events_feed', 'events_feed_of_type'],
      (c) => followFeed(c, 't1', { ...page, event_type: 'Rare1' }),
    ],
    ['an event', ['events_pkey', 'quarantine_event'], (c) => event(c, 't1', 'e1')],
    ['a conversation', ['events_conversation', 'quarantine_pkey'], (c) => conversationEvents(c, 't1', 'c1', page)],
    ['an assistant request', ['events_assistant_request'], (c) => assistantRequestEvents(c, 't1', 'r1', page)],
    ['a topic', ['events_topic'], (c) => topicEvents(c, 't1', { name: 't1', offsets: [0, 1] }, page)],
    ['the application events of a topic', ['events_application_topic'], (c) => topicEvents(c, 't3', { name: 't1' }, page)],
    ['the conversations', ['conversations_activity_of_kind'], (c) => conversations(c, 't1', page)],
    [
      'conversations of a kind',
      ['conversations_activity_of_kind'],
      (c) => conversations(c, 't1', { ...page, kind: 'application' }),
    ],
    [
      'the conversations of a user',
      ['conversations_pkey', 'events_of_user', 'quarantine_feed'],
      (c) => conversations(c, 't1', { ...page, user_id: 'u1' }),
    ],
    ['the activity', ['activity_pkey'], (c) => activity(c, 't1', { ...DAY, step: 60 })],
    ['the assistants', ['assistant_runs_began', 'assistant_runs_ended', 'assistant_runs_pkey'], (c) => assistants(c, 't1', DAY)],
    [
      'the unfinished requests',
      ['assistant_requests_unfinished', 'events_assistant_request'],
      (c) => unfinished(c, 't1', { ...DAY, limit: 20 }),
    ],
    ['the conversations of events', ['events_pkey'], (c) => conversationsOfEvents(c, 't1', manyIds)],
    ['the first texts of events', ['events_pkey'], (c) => firstTexts(c, 't1', manyIds)],
    ['the quarantine', ['quarantine_feed'], (c) => quarantined(c, 't1', page)],
    [
      'the conversations with events past their term',
      ['conversations_expiry'],
      (c) => expiredConversations(c, Date.UTC(2030, 0), EXPIRED, 100),
    ],
    ['the conversations that are emptied', ['conversations_emptied', 'conversations_pkey'], (c) => forgetEmptied(c, Date.now())],
    ['the audit log', ['audit_newest'], (c) => readAudit(c, 't1', { limit: 20, after: AUDIT_CURSOR })],
  ])('reads %s by %j', async (_, indexes, operation) => {
    const plan = await explain(operation)
    expect(plan.indexes).toEqual(indexes)
    expect(plan.scanned.filter((table) => table !== 'events_default')).toEqual([])
  })

  it('clears conversations by what they are found by', async () => {
    const plan = await explain((c) => clearConversations(c, 't2', ['c2', 'c6'], Date.now()))
    expect(plan.scanned.filter((table) => table !== 'events_default')).toEqual([])
    expect(plan.indexes).toEqual(expect.arrayContaining(['events_conversation', 'events_assistant_request']))
    expect(plan.indexes).not.toContain('events_feed')
  })

  it('has a reader of its own for every index', async () => {
    const { rows } = await db.sql.query<{ name: string }>(
      `SELECT indexrelid::regclass::text AS name FROM pg_index
       WHERE indrelid IN ('events'::regclass, 'conversations'::regclass, 'quarantine'::regclass, 'audit'::regclass,
         'activity'::regclass, 'assistant_requests'::regclass, 'assistant_runs'::regclass) ORDER BY name`,
    )
    expect(rows.map((row) => row.name)).toEqual([
      'activity_pkey',
      'assistant_requests_pkey',
      'assistant_requests_unfinished',
      'assistant_runs_began',
      'assistant_runs_ended',
      'assistant_runs_open',
      'assistant_runs_pkey',
      'audit_newest',
      'audit_pkey',
      'conversations_activity_of_kind',
      'conversations_emptied',
      'conversations_expiry',
      'conversations_pkey',
      'events_agent_topic',
      'events_application_topic',
      'events_assistant_request',
      'events_conversation',
      'events_feed',
      'events_feed_of_name',
      'events_feed_of_type',
      'events_of_user',
      'events_pkey',
      'events_topic',
      'quarantine_event',
      'quarantine_feed',
      'quarantine_pkey',
    ])
  })

  it('leaves the months outside since and until unread', async () => {
    const plan = await explain((c) =>
      feed(c, 't1', { ...page, order: 'asc', since: '2025-02-03T00:00:00Z', until: '2025-02-05T00:00:00Z' }),
    )
    expect(plan.tables).toEqual(['events_2025_02'])
  })
})
