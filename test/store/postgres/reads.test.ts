import { describe, expect, it } from 'vitest'
import type { HistoryPage } from '../../../src/model/history.ts'
import { batch, numbered, RECORDED_AT, useHistory } from './support.ts'

const db = useHistory()

const seqs = (page: HistoryPage) => page.items.map((item) => item.seq)

describe('the feed', () => {
  it('goes forwards and backwards, exclusive of the position it continues from', async () => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'c', numbered('e', 5))])
    const forwards = await db.history.feed(tenant, { order: 'asc', limit: 2 })
    expect(seqs(forwards)).toEqual([1, 2])
    expect(seqs(await db.history.feed(tenant, { order: 'asc', limit: 9, after: forwards.items[1]?.position }))).toEqual([3, 4, 5])
    const backwards = await db.history.feed(tenant, { order: 'desc', limit: 2 })
    expect(seqs(backwards)).toEqual([5, 4])
    expect(backwards.more).toBe(true)
    expect(seqs(await db.history.feed(tenant, { order: 'desc', limit: 9, after: backwards.items[1]?.position }))).toEqual([
      3, 2, 1,
    ])
  })

  it('is narrowed by event type, event name and time', async () => {
    const tenant = db.tenant()
    await db.history.append([
      batch(tenant, 'c', [
        { event_id: '1', event_type: 'A', event_name: 'start', timestamp: '2025-01-31T23:59:59.999999Z' },
        { event_id: '2', event_type: 'B', event_name: 'end', timestamp: '2025-02-01T00:00:00Z' },
        { event_id: '3', event_type: 'A', event_name: 'end', timestamp: '2025-02-28T12:00:00Z' },
        { event_id: '4', event_type: 'A', timestamp: '2025-03-01T00:00:00Z' },
      ]),
    ])
    const find = async (query: object) => seqs(await db.history.feed(tenant, { order: 'asc', limit: 9, ...query }))
    expect(await find({ event_type: 'A' })).toEqual([1, 3, 4])
    expect(await find({ event_name: 'end' })).toEqual([2, 3])
    expect(await find({ event_type: 'A', event_name: 'end' })).toEqual([3])
    expect(await find({ since: '2025-02-01T00:00:00Z' })).toEqual([2, 3, 4])
    expect(await find({ until: '2025-02-01T00:00:00Z' })).toEqual([1])
    expect(await find({ since: '2025-02-01T00:00:00Z', until: '2025-03-01T00:00:00Z' })).toEqual([2, 3])
    expect(await find({ since: '2025-02-01T01:00:00+01:00', until: '2025-02-01T01:00:00.000001+01:00' })).toEqual([2])
  })
})

describe('a conversation', () => {
  it('is read in the order of seq, after one seq and as it was at another', async () => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'c', numbered('later', 3), { firstSeq: 4 })])
    await db.history.append([batch(tenant, 'c', numbered('earlier', 3)), batch(tenant, 'other', numbered('other', 2))])
    const find = async (query: object) => seqs(await db.history.conversationEvents(tenant, 'c', { limit: 9, ...query }))
    expect(await find({})).toEqual([1, 2, 3, 4, 5, 6])
    expect(await find({ after: '4' })).toEqual([5, 6])
    expect(await find({ until_seq: 4 })).toEqual([1, 2, 3, 4])
    expect(await find({ after: '2', until_seq: 4 })).toEqual([3, 4])
  })

  it('is narrowed by all members of a filter together', async () => {
    const tenant = db.tenant()
    await db.history.append([
      batch(tenant, 'c', [
        { event_id: '1', event_type: 'PublishToTopic', topic_name: 't', topic_offset: 0 },
        { event_id: '2', event_type: 'ConsumeFromTopic', topic_name: 't', topic_offset: 0 },
        { event_id: '3', event_type: 'TopicEvent', topic_name: 't', topic_offset: 1 },
        { event_id: '4', event_type: 'PublishToTopic', topic_name: 'u', topic_offset: 0, assistant_request_id: 'r2' },
      ]),
    ])
    const find = async (filter: object) => seqs(await db.history.conversationEvents(tenant, 'c', { limit: 9, filter }))
    expect(await find({ event_id: '2' })).toEqual([2])
    expect(await find({ event_type: 'PublishToTopic' })).toEqual([1, 4])
    expect(await find({ assistant_request_id: 'r2' })).toEqual([4])
    expect(await find({ topic: { name: 't', offsets: [0, 1, 7] } })).toEqual([1, 3])
    expect(await find({ topic: { name: 't', offsets: [] } })).toEqual([])
    expect(await find({ event_type: 'PublishToTopic', assistant_request_id: 'request-1' })).toEqual([1])
  })
})

describe('the list of conversations', () => {
  it('has the newest activity first and pages through', async () => {
    const tenant = db.tenant()
    for (const name of ['a', 'b', 'c']) await db.history.append([batch(tenant, name, numbered(name, 2))])
    await db.history.append([batch(tenant, 'a', [{ event_id: 'a-3' }], { firstSeq: 3, recordedAt: RECORDED_AT + 5 })])
    const first = await db.history.conversations(tenant, { limit: 2 })
    expect(first.items).toMatchObject([
      {
        conversation_id: 'a',
        head_seq: 3,
        event_count: 3,
        first_at: '2026-01-15T10:00:00.000Z',
        last_at: '2026-01-15T10:00:00.005Z',
      },
      { conversation_id: 'c', head_seq: 2, event_count: 2 },
    ])
    expect(first.more).toBe(true)
    const rest = await db.history.conversations(tenant, { limit: 2, after: first.items[1]?.cursor })
    expect(rest.items.map((item) => item.conversation_id)).toEqual(['b'])
    expect(rest.more).toBe(false)
  })
})

describe('a topic', () => {
  it('gives the published events of the offsets from all runs, in the order of recording, page by page', async () => {
    const tenant = db.tenant()
    for (const run of ['x', 'y']) {
      await db.history.append([
        batch(tenant, run, [
          { event_id: `${run}2`, event_type: 'TopicEvent', topic_name: 't', topic_offset: 2 },
          { event_id: `${run}0`, event_type: 'PublishToTopic', topic_name: 't', topic_offset: 0 },
          { event_id: `${run}consumed`, event_type: 'ConsumeFromTopic', topic_name: 't', topic_offset: 0 },
          { event_id: `${run}1`, event_type: 'PublishToTopic', topic_name: 't', topic_offset: 1 },
          { event_id: `${run}elsewhere`, event_type: 'PublishToTopic', topic_name: 'u', topic_offset: 0 },
        ]),
      ])
    }
    const topic = { name: 't', offsets: [0, 2, 2, 99, -1] }
    const place = (page: HistoryPage) => page.items.map((item) => `${item.conversation_id}${item.seq}`)
    const first = await db.history.topicEvents(tenant, topic, { limit: 3 })
    expect(place(first)).toEqual(['x1', 'x2', 'y1'])
    expect(first.more).toBe(true)
    const rest = await db.history.topicEvents(tenant, topic, { limit: 3, after: first.items[2]?.position })
    expect(place(rest)).toEqual(['y2'])
    expect(rest.more).toBe(false)
    expect(await db.history.topicEvents(tenant, { name: 't', offsets: [] }, { limit: 3 })).toEqual({ items: [], more: false })
  })
})

describe('an assistant request', () => {
  it('gives its events of all conversations in the order of recording', async () => {
    const tenant = db.tenant()
    await db.history.append([
      batch(tenant, 'x', [{ event_id: '1', assistant_request_id: 'r' }, { event_id: '2' }]),
      batch(tenant, 'y', [{ event_id: '3', assistant_request_id: 'r' }]),
      batch(tenant, 'y', [{ event_id: '4', assistant_request_id: null }], { firstSeq: 2 }),
    ])
    const first = await db.history.assistantRequestEvents(tenant, 'r', { limit: 1 })
    expect(first).toMatchObject({ items: [{ conversation_id: 'x', seq: 1 }], more: true })
    const rest = await db.history.assistantRequestEvents(tenant, 'r', { limit: 9, after: first.items[0]?.position })
    expect(rest).toMatchObject({ items: [{ conversation_id: 'y', seq: 1 }], more: false })
  })
})

describe('every operation', () => {
  it('keeps tenants apart', async () => {
    const [mine, theirs] = [db.tenant(), db.tenant()]
    const event = { event_id: 'e', event_type: 'PublishToTopic', topic_name: 't', topic_offset: 0, assistant_request_id: 'r' }
    await db.history.append([batch(theirs, 'c', [event])])
    await db.history.quarantine({
      tenant: theirs,
      conversation_id: 'c',
      seq: 2,
      recorded_at: RECORDED_AT,
      event_id: 'q',
      code: '22P02',
      reason: 'invalid',
      event: '{}',
    })
    const page = { limit: 9 }
    const readAll = async (tenant: string) => [
      await db.history.event(tenant, 'e'),
      await db.history.event(tenant, 'q'),
      (await db.history.feed(tenant, { ...page, order: 'asc' })).items,
      (await db.history.feed(tenant, { ...page, order: 'desc', event_type: 'PublishToTopic' })).items,
      (await db.history.conversations(tenant, page)).items,
      [...(await db.history.conversationsOfEvents(tenant, ['e', 'q']))],
      (await db.history.conversationEvents(tenant, 'c', page)).items,
      (await db.history.conversationEvents(tenant, 'c', { ...page, filter: { event_id: 'q' } })).items,
      (await db.history.assistantRequestEvents(tenant, 'r', page)).items,
      (await db.history.topicEvents(tenant, { name: 't', offsets: [0] }, page)).items,
      (await db.history.quarantined(tenant, page)).items,
    ]
    expect(await readAll(mine)).toEqual([null, null, [], [], [], [], [], [], [], [], []])
    const before = await readAll(theirs)
    expect(before.every((found) => (Array.isArray(found) ? found.length > 0 : found !== null))).toBe(true)

    expect(await db.history.clear(mine, RECORDED_AT + 60_000)).toEqual([])
    expect(await readAll(theirs)).toEqual(before)
  })
})
