import type pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { useHistory } from './support.ts'

const db = useHistory()

interface Stored {
  readonly position: number
  readonly set_aside: boolean
  readonly event_id: string
  readonly conversation_id: string
  readonly seq: number
  readonly request: string | null
  readonly event_type: string
  readonly topic: string | null
  readonly offset: number | null
  readonly text: string
}

const RECORDED = '2025-01-31T23:59:59.000Z'
const SEQS = Array.from({ length: 24 }, (_, n) => n + 1)
/** In a row at the beginning, alone, and two at the end. */
const SET_ASIDE = new Set([2, 3, 4, 5, 11, 23, 24])

/** One tenant whose events share as many keys as events can. */
const STORED: readonly Stored[] = SEQS.map((seq) => {
  const set_aside = SET_ASIDE.has(seq)
  const application = seq % 3 === 0
  return {
    position: seq,
    set_aside,
    event_id: set_aside ? 'twice' : seq === 12 ? 'twice' : `e${seq}`,
    conversation_id: 'c',
    seq,
    request: application ? null : seq % 7 === 0 ? 'r2' : 'r',
    event_type: application ? 'Note' : seq % 8 === 0 ? 'ToolInvoke' : 'PublishToTopic',
    topic: seq % 10 === 0 ? null : 'topic',
    offset: application ? null : seq % 3,
    text: JSON.stringify({ n: 'x'.repeat((seq * 37) % 90) }),
  }
})

let client: pg.Client

beforeAll(async () => {
  client = await db.openClient()
  // Times are told in UTC, whatever the session's zone and style.
  await client.query(`SET TIME ZONE 'Asia/Kathmandu'; SET DateStyle = 'SQL, DMY'`)
  await db.sql.query(`SELECT ensure_event_partitions('{2025-01-01,2025-02-01}')`)
  for (const tenant of ['t', 'u']) {
    // Backwards, so that no order comes from where the rows lie.
    for (const event of STORED.toReversed()) {
      const { position, event_id, conversation_id, seq, request, event_type, topic, offset, text } = event
      if (event.set_aside) {
        await db.sql.query(
          `INSERT INTO quarantine (position, tenant_id, conversation_id, seq, recorded_at, event_id, code, reason, event)
           VALUES ($1, $2, $3, $4, $5, $6, 'x', 'x', $7)`,
          [position, tenant, conversation_id, seq, RECORDED, event_id, text],
        )
      } else {
        await db.sql.query(
          `INSERT INTO events (id, tenant_id, conversation_id, seq, recorded_at, event_id, assistant_request_id, event_type,
             topic_name, topic_offset, timestamp, event)
           OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
          // Every second one in the other month, and two in none of both.
          [
            ...[position, tenant, conversation_id, seq, RECORDED, event_id, request, event_type, topic, offset],
            ...[seq % 9 === 0 ? '2001-01-01T00:00:00Z' : seq % 2 ? '2025-02-03T00:00:00Z' : '2025-01-03T00:00:00Z', text],
          ],
        )
      }
    }
  }
}, 60_000)

/** Calls the function with every limit from each place, and compares with what a page is. */
async function expectPages(
  call: string,
  params: readonly unknown[],
  chosen: (event: Stored) => boolean,
  places: readonly (number | null)[] = [0, 1, 4, 11, 22, 23, 24, 99],
): Promise<void> {
  const found = STORED.filter(chosen)
  expect(found.length).toBeGreaterThan(2)
  for (const after of places) {
    const rest = found.filter(({ seq }) => after === null || seq > after)
    for (const rows of [1, 2, 3, 4, 5, 7, 100]) {
      for (const bytes of [0, 30, 100, 200, 100_000]) {
        const all = [...params, ...(after === null ? [] : [after]), rows, bytes]
        const { rows: page } = await client.query(`SELECT * FROM ${call}(${all.map((_, i) => `$${i + 1}`).join(', ')})`, all)
        expect(page, `${call} ${JSON.stringify(all)}`).toEqual(pageOf(rest, rows, bytes))
      }
    }
  }
}

function pageOf(events: readonly Stored[], rows: number, bytes: number) {
  let sum = 0
  const fitting = events.findIndex(({ text }, place) => {
    sum += text.length
    return place >= rows || (place > 0 && sum > bytes)
  })
  const page = fitting < 0 ? events : events.slice(0, fitting)
  return page.map(({ position, conversation_id, seq, text }, place) => ({
    ...{ position: String(position), conversation_id, seq: String(seq), recorded_at: RECORDED, event: text },
    more: place + 1 < events.length,
  }))
}

describe('a page by key', () => {
  it('of one id has what was recorded first at its beginning', () =>
    expectPages('events_with_id', ['t', 'twice'], ({ event_id }) => event_id === 'twice', [null]))

  it('of an assistant request', () =>
    expectPages('events_of_request', ['t', 'r'], ({ request, set_aside }) => request === 'r' && !set_aside))

  it('of a tenant', () => expectPages('events_of_tenant', ['t'], ({ set_aside }) => !set_aside))

  it('of the application events of a topic', () =>
    expectPages(
      'application_events_of_topic',
      ['t', 'topic'],
      ({ topic, request, set_aside }) => topic === 'topic' && request === null && !set_aside,
    ))

  it.each([[[1]], [[1, 2]], [[2, 0, 1, 7]]])('of a topic at the offsets %j', (offsets) =>
    expectPages(
      'events_at_offsets',
      ['t', 'topic', offsets],
      ({ topic, offset, event_type, set_aside }) =>
        topic === 'topic' && offset !== null && offsets.includes(offset) && event_type === 'PublishToTopic' && !set_aside,
    ),
  )

  it.each([3, 5, 11, 12, 23, 24, 1000])('of a conversation up to seq %d, with what was set aside', async (until) => {
    const found = STORED.filter(({ seq }) => seq <= until)
    for (const after of [0, 1, 4, 10, 11, 22, 23, 24]) {
      const rest = found.filter(({ seq }) => seq > after)
      for (const rows of [1, 2, 3, 4, 5, 7, 100]) {
        for (const bytes of [0, 30, 100, 200, 100_000]) {
          const all = ['t', 'c', after, until, rows, bytes]
          const { rows: page } = await client.query('SELECT * FROM events_of_conversation($1, $2, $3, $4, $5, $6)', all)
          expect(page, JSON.stringify(all)).toEqual(pageOf(rest, rows, bytes))
        }
      }
    }
  })
})
