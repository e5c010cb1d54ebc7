import { describe, expect, it } from 'vitest'
import type { EventHistory, HistoryPage } from '../../../src/model/history.ts'
import { InMemoryHistory } from '../../../src/store/in-memory/history.ts'
import { batch, RECORDED_AT, useHistory } from './support.ts'

const db = useHistory()
const inMemory = new InMemoryHistory()

const HISTORIES: readonly [string, () => EventHistory][] = [
  ['PostgreSQL', () => db.history],
  ['memory', () => inMemory],
]

const seqs = (page: HistoryPage) => page.items.map((item) => item.seq)

describe.each(HISTORIES)('a topic of application events in %s', (_, historyOf) => {
  const published = { event_type: 'orders', topic_name: 'orders', assistant_request_id: null }

  it('gives those of all logs in the order of recording, page by page, and no agent events', async () => {
    const [history, tenant] = [historyOf(), db.tenant()]
    await history.append([
      batch(tenant, 'workflow:x', [
        { event_id: '1', ...published },
        { event_id: '2', ...published, topic_name: 'other' },
        { event_id: '3', event_type: 'PublishToTopic', topic_name: 'orders', topic_offset: 0 },
        { event_id: '4', ...published, timestamp: '2019-01-01T00:00:00Z' },
      ]),
      batch(tenant, 'topic:orders:07', [{ event_id: '5', ...published, timestamp: '2025-12-31T00:00:00Z' }]),
    ])
    const place = (page: HistoryPage) => page.items.map((item) => `${item.conversation_id} ${item.seq}`)
    const first = await history.topicEvents(tenant, { name: 'orders' }, { limit: 2 })
    expect(place(first)).toEqual(['workflow:x 1', 'workflow:x 4'])
    expect(first.more).toBe(true)
    const rest = await history.topicEvents(tenant, { name: 'orders' }, { limit: 2, after: first.items[1]?.position })
    expect(place(rest)).toEqual(['topic:orders:07 1'])
    expect(rest.more).toBe(false)
    expect((await history.topicEvents(tenant, { name: 'orders', offsets: [] }, { limit: 2 })).items).toEqual([])
    expect(place(await history.topicEvents(tenant, { name: 'orders', offsets: [0] }, { limit: 2 }))).toEqual(['workflow:x 3'])
    expect((await history.topicEvents(db.tenant(), { name: 'orders' }, { limit: 2 })).items).toEqual([])
  })

  it('gives those of one log, set aside ones too', async () => {
    const [history, tenant] = [historyOf(), db.tenant()]
    await history.append([
      batch(tenant, 'workflow:x', [
        { event_id: '1', ...published },
        { event_id: '2', event_type: 'PublishToTopic', topic_name: 'orders', topic_offset: 0 },
      ]),
      batch(tenant, 'workflow:y', [{ event_id: '3', ...published }]),
    ])
    await history.quarantine({
      tenant,
      conversation_id: 'workflow:x',
      seq: 3,
      recorded_at: RECORDED_AT,
      event_id: 'q',
      code: '22P02',
      reason: 'invalid',
      event: '{"event_id":"q","event_type":"orders","metadata":{"topic_name":"orders"}}',
    })
    const find = async (topic: object) =>
      seqs(await history.conversationEvents(tenant, 'workflow:x', { limit: 9, filter: { topic: { name: 'orders', ...topic } } }))
    expect(await find({})).toEqual([1, 3])
    expect(await find({ name: 'other' })).toEqual([])
    expect(await find({ offsets: [0] })).toEqual([2])
    expect(await find({ offsets: [] })).toEqual([])
  })
})
