import { describe, expect, it } from 'vitest'
import { PostgresEventStore } from '../../../src/store/postgres/event-store.ts'
import { eventText } from '../../support/events.ts'
import { sample } from '../monitor/samples.ts'
import { batch, listed, numbered, RECORDED_AT, textsOf, useHistory } from './support.ts'

const db = useHistory()

const feed = async (tenant: string) => (await db.history.feed(tenant, { order: 'asc', limit: 100 })).items
const refused = { seq: 9, event_id: 'x', code: '22P02', reason: 'invalid', event: '{"event_id":"x"}' }

describe('clearing conversations', () => {
  it('removes what they recorded at or before the marker, counts it, and spares the rest', async () => {
    const [tenant, other] = [db.tenant(), db.tenant()]
    await db.history.append([
      batch(tenant, 'gone', numbered('g', 2)),
      batch(tenant, 'part', numbered('p', 2)),
      batch(tenant, 'part', numbered('q', 1), { firstSeq: 3, recordedAt: RECORDED_AT + 1 }),
      batch(tenant, 'kept', numbered('k', 1)),
      batch(other, 'gone', numbered('g', 1)),
    ])
    await db.history.quarantine({ ...refused, tenant, conversation_id: 'gone', recorded_at: RECORDED_AT })
    await db.history.quarantine({ ...refused, tenant, conversation_id: 'kept', recorded_at: RECORDED_AT })
    expect(await db.history.clearConversations(tenant, ['part', 'gone', 'unknown', 'gone'], RECORDED_AT)).toEqual(
      new Map([
        ['gone', 3],
        ['part', 2],
        ['unknown', 0],
      ]),
    )
    expect((await feed(tenant)).map(({ conversation_id, seq }) => [conversation_id, seq])).toEqual([
      ['part', 3],
      ['kept', 1],
    ])
    expect(await listed(db.history, tenant, 'gone')).toBeUndefined()
    expect(await listed(db.history, tenant, 'unknown')).toBeUndefined()
    expect(await listed(db.history, tenant, 'part')).toEqual({
      conversation_id: 'part',
      head_seq: 3,
      event_count: 1,
      first_at: '2026-01-15T10:00:00.001Z',
      last_at: '2026-01-15T10:00:00.001Z',
      cursor: expect.any(String),
    })
    expect(await listed(db.history, tenant, 'kept')).toMatchObject({ event_count: 2 })
    expect((await db.history.quarantined(tenant, { limit: 10 })).items.map(({ conversation_id }) => conversation_id)).toEqual([
      'kept',
    ])
    expect(await feed(other)).toHaveLength(1)
  })

  it('counts nothing twice when it is repeated', async () => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'c', numbered('e', 2))])
    expect(await db.history.clearConversations(tenant, ['c'], RECORDED_AT)).toEqual(new Map([['c', 2]]))
    expect(await db.history.clearConversations(tenant, ['c'], RECORDED_AT)).toEqual(new Map([['c', 0]]))
    await db.history.append([batch(tenant, 'c', numbered('e', 1), { recordedAt: RECORDED_AT + 1 })])
    expect(await listed(db.history, tenant, 'c')).toMatchObject({ head_seq: 1, event_count: 1 })
  })

  it('makes later appends drop what was admitted before it, and say until when, unknown to Postgres or not', async () => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'known', numbered('k', 1))])
    await db.history.clearConversations(tenant, ['known', 'new'], RECORDED_AT)
    const outcome = await db.history.append([
      batch(tenant, 'known', numbered('late', 2), { firstSeq: 2 }),
      batch(tenant, 'new', numbered('new', 1)),
      batch(tenant, 'new', numbered('fresh', 1), { firstSeq: 2, recordedAt: RECORDED_AT + 1 }),
      batch(tenant, 'other', numbered('other', 1)),
    ])
    expect(outcome).toEqual({
      cleared: new Map(),
      cleared_conversations: expect.toSatisfy((list: unknown[]) => list.length === 2),
      set_aside: [],
    })
    expect(outcome.cleared_conversations).toEqual(
      expect.arrayContaining(['known', 'new'].map((conversation_id) => ({ tenant, conversation_id, through: RECORDED_AT }))),
    )
    expect((await feed(tenant)).map(({ conversation_id, seq }) => [conversation_id, seq])).toEqual([
      ['new', 2],
      ['other', 1],
    ])
    await db.history.quarantine({ ...refused, tenant, conversation_id: 'known', recorded_at: RECORDED_AT })
    expect((await db.history.quarantined(tenant, { limit: 10 })).items).toEqual([])
  })

  it('never moves a marker back, and leaves that of the tenant as it is', async () => {
    const tenant = db.tenant()
    await db.history.clearConversations(tenant, ['c'], RECORDED_AT)
    await db.history.clearConversations(tenant, ['c'], RECORDED_AT - 1000)
    const outcome = await db.history.append([batch(tenant, 'c', numbered('e', 1)), batch(tenant, 'd', numbered('d', 1))])
    expect(outcome).toMatchObject({ cleared: new Map(), cleared_conversations: [{ through: RECORDED_AT }] })
    expect(textsOf({ items: await feed(tenant) })).toEqual(['{"event_id":"d-1"}'])
  })

  it('leaves an event in place that another conversation had set aside, and frees its id', async () => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'first', numbered('e', 1)), batch(tenant, 'second', numbered('e', 1))])
    await db.history.clearConversations(tenant, ['first'], RECORDED_AT)
    expect((await db.history.event(tenant, 'e-1'))?.conversation_id).toBe('second')
    const again = batch(tenant, 'first', numbered('e', 1), { recordedAt: RECORDED_AT + 1 })
    expect(await db.history.append([again])).toMatchObject({ set_aside: [] })
    expect((await feed(tenant)).map(({ conversation_id }) => conversation_id)).toEqual(['first'])
  })

  it('leaves in its one place what was set aside and is delivered again', async () => {
    const tenant = db.tenant()
    const second = batch(tenant, 'second', [...numbered('e', 1), ...numbered('own', 1)])
    await db.history.append([batch(tenant, 'first', numbered('e', 1)), second])
    await db.history.clearConversations(tenant, ['first'], RECORDED_AT)
    expect(await db.history.append([second])).toMatchObject({
      set_aside: [{ conversation_id: 'second', seq: 1, event_id: 'e-1' }],
    })
    const { items } = await db.history.conversationEvents(tenant, 'second', { limit: 10 })
    expect(items.map(({ seq }) => seq)).toEqual([1, 2])
    expect(await listed(db.history, tenant, 'second')).toMatchObject({ event_count: 2 })
    expect((await feed(tenant)).map(({ seq }) => seq)).toEqual([2])
  })

  it('counts what is left of a request as if it were all there ever was, however much that is', async () => {
    const tenant = db.tenant()
    const place = { at: '2026-01-15T10:00:00Z', request: 'r' }
    const filler = Array.from({ length: 10_000 }, (_, i) => sample({ ...place, id: `t${i}`, type: 'ToolInvoke' }))
    await db.history.append([
      batch(tenant, 'gone', [sample({ ...place, id: 'a', type: 'AssistantInvoke' })]),
      batch(tenant, 'kept', [sample({ ...place, id: 'b', type: 'AssistantRespond' }), ...filler]),
      batch(tenant, 'kept', [sample({ ...place, id: 'c', type: 'AssistantInvoke' })], { firstSeq: 10_002 }),
    ])
    await db.history.clearConversations(tenant, ['gone'], RECORDED_AT)
    const counted = async () => {
      const rows: unknown[][] = []
      for (const table of ['activity', 'assistant_requests', 'assistant_runs'])
        rows.push((await db.sql.query(`SELECT * FROM ${table} AS t WHERE tenant_id = $1 ORDER BY t`, [tenant])).rows)
      return rows
    }
    const kept = await counted()
    await db.sql.query('SELECT count_tenant($1)', [tenant])
    expect(kept).toEqual(await counted())
    expect(kept[2]).toHaveLength(2)
  })

  it('refuses what lies in the future, and changes nothing then', async () => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'c', numbered('e', 1))])
    await expect(db.history.clearConversations(tenant, ['c'], Date.now() + 3_600_000)).rejects.toThrow()
    expect(await feed(tenant)).toHaveLength(1)
    expect(await db.history.append([batch(tenant, 'c', numbered('f', 1), { firstSeq: 2 })])).toMatchObject({
      cleared_conversations: [],
    })
  })

  it('does not wait for ever beside appends, and loses none of another conversation', async () => {
    const tenant = db.tenant()
    await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        i % 3 === 0
          ? db.history.clearConversations(tenant, ['a', 'b'], RECORDED_AT)
          : db.history.append([
              batch(tenant, 'b', numbered(`b${i}`, 2), { firstSeq: 1 + 2 * i }),
              batch(tenant, 'kept', numbered(`k${i}`, 2), { firstSeq: 1 + 2 * i }),
            ]),
      ),
    )
    await db.history.clearConversations(tenant, ['b'], RECORDED_AT)
    expect(await feed(tenant)).toHaveLength(40)
    expect(await listed(db.history, tenant, 'kept')).toMatchObject({ event_count: 40 })
    expect(await listed(db.history, tenant, 'b')).toBeUndefined()
  })

  it('holds for a store without the Worker: what it records next stays', async () => {
    const tenant = db.tenant()
    const store = new PostgresEventStore({ ...db.options, tenant })
    const event = (id: string) => eventText({ conversation: 'c', id, data: '{}' })
    await store.recordEvents([event('a'), event('b')])
    // As a machine whose clock is ahead would clear.
    const ahead = Date.now() + 30_000
    expect(await db.history.clearConversations(tenant, ['c'], ahead)).toEqual(new Map([['c', 2]]))
    expect(await store.recordEvent(event('c'))).toMatchObject({ conversations: [{ first_seq: 1, last_seq: 1 }] })
    expect(await store.getConversationEvents('c')).toHaveLength(1)
    expect(await store.clearConversation('c')).toBe(1)
  })
})

describe('the conversations of a user', () => {
  it('are those with an event of this user, newest activity first, page by page', async () => {
    const [tenant, other] = [db.tenant(), db.tenant()]
    const of = (user_id: string) => ({ user_id })
    await db.history.append([
      batch(tenant, 'a', numbered('a', 2, of('ada'))),
      batch(tenant, 'b', [...numbered('b', 1, of('ada')), ...numbered('bb', 1, of('bob'))]),
      batch(tenant, 'c', numbered('c', 1, of('bob'))),
      batch(tenant, 'workflow:1', numbered('w', 1, of('ada'))),
      batch(tenant, 'nobody', numbered('n', 1, of(''))),
      batch(other, 'a', numbered('a', 1, of('ada'))),
    ])
    const list = async (user_id: string, rest = {}) => {
      const page = await db.history.conversations(tenant, { limit: 10, user_id, ...rest })
      return [page.items.map(({ conversation_id }) => conversation_id), page.more]
    }
    expect(await list('ada')).toEqual([['workflow:1', 'b', 'a'], false])
    expect(await list('bob')).toEqual([['c', 'b'], false])
    expect(await list('ada', { kind: 'agent' })).toEqual([['b', 'a'], false])
    expect(await list('ada', { limit: 1 })).toEqual([['workflow:1'], true])
    const [{ cursor } = { cursor: '' }] = (await db.history.conversations(tenant, { limit: 1, user_id: 'ada' })).items
    expect(await list('ada', { limit: 1, after: cursor })).toEqual([['b'], true])
    expect(await list('nobody')).toEqual([[], false])
    const event = '{"event_context":{"invoke_context":{"user_id":"eve"}}}'
    await db.history.quarantine({ ...refused, event, tenant, conversation_id: 'c', recorded_at: RECORDED_AT })
    expect(await list('eve')).toEqual([['c'], false])
    await db.history.clearConversations(tenant, ['b'], RECORDED_AT)
    expect(await list('bob')).toEqual([['c'], false])
  })
})
