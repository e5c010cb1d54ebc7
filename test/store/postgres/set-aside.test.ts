import { describe, expect, it } from 'vitest'
import { batch, listed, RECORDED_AT, textsOf, useHistory } from './support.ts'

const db = useHistory()

const JULY = '2024-07-01T00:00:00Z'
const AUGUST = '2024-08-01T00:00:00Z'

describe('an event id that the tenant has at another place', () => {
  it.each([
    ['with the same timestamp', JULY],
    ['with a timestamp of another partition', AUGUST],
  ])('is set aside %s, and the first event stays', async (_, timestamp) => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'first', [{ event_id: 'same', timestamp: JULY, text: '{"n":1}' }])])
    const again = batch(tenant, 'second', [{ event_id: 'other' }, { event_id: 'same', timestamp, text: '{"n":2}' }])
    const outcome = await db.history.append([again])
    expect(outcome.set_aside).toEqual([
      { tenant, conversation_id: 'second', seq: 2, event_id: 'same', code: 'duplicate-event-id' },
    ])
    expect(await db.history.append([again])).toEqual(outcome)

    expect(await db.history.event(tenant, 'same')).toMatchObject({ conversation_id: 'first', event: '{"n":1}' })
    const second = await db.history.conversationEvents(tenant, 'second', { limit: 10 })
    expect(textsOf(second)).toEqual(['{"event_id":"other"}', '{"n":2}'])
    expect(await listed(db.history, tenant, 'second')).toMatchObject({ head_seq: 2, event_count: 2 })
    expect((await db.history.quarantined(tenant, { limit: 10 })).items).toMatchObject([
      { conversation_id: 'second', seq: 2, event_id: 'same', code: 'duplicate-event-id', event: '{"n":2}' },
    ])
  })

  it('is set aside within one call too, the first in it being kept', async () => {
    const tenant = db.tenant()
    const outcome = await db.history.append([
      batch(tenant, 'a', [{ event_id: 'x', timestamp: JULY, text: '{"n":1}' }]),
      batch(tenant, 'b', [{ event_id: 'x', timestamp: JULY, text: '{"n":2}' }]),
      batch(tenant, 'c', [{ event_id: 'x', timestamp: AUGUST, text: '{"n":3}' }]),
    ])
    expect(outcome.set_aside.map((event) => event.conversation_id)).toEqual(['b', 'c'])
    expect(textsOf(await db.history.feed(tenant, { order: 'asc', limit: 10 }))).toEqual(['{"n":1}'])
  })

  it('belongs to its tenant alone', async () => {
    const [one, two] = [db.tenant(), db.tenant()]
    const outcome = await db.history.append([
      batch(one, 'c', [{ event_id: 'x', text: '{"n":1}' }]),
      batch(two, 'c', [{ event_id: 'x', text: '{"n":2}' }]),
    ])
    expect(outcome.set_aside).toEqual([])
    expect((await db.history.event(two, 'x'))?.event).toBe('{"n":2}')
  })

  it('belongs to its tenant alone at other places and in the same call too, known before or not', async () => {
    const [one, two] = [db.tenant(), db.tenant()]
    await db.history.append([batch(one, 'c', [{ event_id: 'known', text: '{"n":1}' }])])
    const both = [
      batch(one, 'c', [
        { event_id: 'known', text: '{"n":1}' },
        { event_id: 'new', text: '{"n":2}' },
      ]),
      batch(two, 'd', [
        { event_id: 'new', text: '{"n":3}' },
        { event_id: 'known', text: '{"n":4}' },
      ]),
    ]
    // The second time as a repeat.
    for (let times = 0; times < 2; times++) {
      expect((await db.history.append(both)).set_aside).toEqual([])
      expect(textsOf(await db.history.conversationEvents(one, 'c', { limit: 9 }))).toEqual(['{"n":1}', '{"n":2}'])
      expect(textsOf(await db.history.conversationEvents(two, 'd', { limit: 9 }))).toEqual(['{"n":3}', '{"n":4}'])
    }
  })

  it('is set aside though another tenant has that id at the very place', async () => {
    const [one, two] = [db.tenant(), db.tenant()]
    await db.history.append([batch(one, 'first', [{ event_id: 'x', text: '{"n":1}' }])])
    const outcome = await db.history.append([one, two].map((tenant) => batch(tenant, 'c', [{ event_id: 'x', text: '{"n":2}' }])))
    expect(outcome.set_aside).toMatchObject([{ tenant: one, conversation_id: 'c', seq: 1, event_id: 'x' }])
    expect(textsOf(await db.history.conversationEvents(one, 'c', { limit: 9 }))).toEqual(['{"n":2}'])
    expect(textsOf(await db.history.conversationEvents(two, 'c', { limit: 9 }))).toEqual(['{"n":2}'])
  })
})

describe('the quarantine', () => {
  const refused = (tenant: string, seq: number, event: string) => ({
    tenant,
    conversation_id: 'c',
    seq,
    recorded_at: RECORDED_AT,
    event_id: `refused-${seq}`,
    code: '22P02',
    reason: 'invalid',
    event,
  })

  it('keeps a refused event readable in its place, and takes it once', async () => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'c', [{ event_id: 'e1' }])])
    await db.history.quarantine(refused(tenant, 2, '{"n": 1e9999999}'))
    await db.history.quarantine(refused(tenant, 2, '{"n": 1e9999999}'))
    await db.history.append([batch(tenant, 'c', [{ event_id: 'e3' }], { firstSeq: 3 })])
    const page = await db.history.conversationEvents(tenant, 'c', { limit: 10 })
    expect(textsOf(page)).toEqual(['{"event_id":"e1"}', '{"n": 1e9999999}', '{"event_id":"e3"}'])
    expect(await db.history.event(tenant, 'refused-2')).toMatchObject({ seq: 2, event: '{"n": 1e9999999}' })
    expect(await listed(db.history, tenant, 'c')).toMatchObject({ head_seq: 3, event_count: 3 })
    expect((await db.history.quarantined(tenant, { limit: 10 })).items).toHaveLength(1)
  })

  it('is paged in the order of setting aside', async () => {
    const tenant = db.tenant()
    for (const seq of [3, 1, 2]) await db.history.quarantine(refused(tenant, seq, '{}'))
    const first = await db.history.quarantined(tenant, { limit: 2 })
    expect(first.items.map((item) => item.seq)).toEqual([3, 1])
    expect(first.more).toBe(true)
    const rest = await db.history.quarantined(tenant, { limit: 2, after: first.items[1]?.cursor })
    expect(rest.items.map((item) => item.seq)).toEqual([2])
    expect(rest.more).toBe(false)
    expect(rest.items[0]?.set_aside_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  it('is searched by the filters of a conversation, even where the event holds what jsonb cannot', async () => {
    const tenant = db.tenant()
    const text = String.raw`{"event_type":"PublishToTopic","assistant_request_id":"r\\u0000","event_context":{"name":"t","offset":4},"data":"\u0000 \ud800"}`
    await db.history.quarantine(refused(tenant, 1, text))
    await db.history.quarantine(refused(tenant, 2, '{"event_type":"NodeInvoke"}'))
    const find = async (filter: object) =>
      (await db.history.conversationEvents(tenant, 'c', { limit: 10, filter })).items.map((item) => item.seq)
    expect(await find({ event_id: 'refused-2' })).toEqual([2])
    expect(await find({ event_type: 'PublishToTopic' })).toEqual([1])
    expect(await find({ assistant_request_id: 'r\\u0000' })).toEqual([1])
    expect(await find({ topic: { name: 't', offsets: [3, 4] } })).toEqual([1])
    expect(await find({ topic: { name: 't', offsets: [3] } })).toEqual([])
  })
})
