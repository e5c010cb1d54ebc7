import { describe, expect, it, vi } from 'vitest'
import { InvalidEventError } from '../../../src/model/invalid-event-error.ts'
import { PostgresEventStore } from '../../../src/store/postgres/event-store.ts'
import { batch, listed, numbered, useHistory } from './support.ts'

const db = useHistory()

function openStore(tenant = db.tenant()) {
  return { tenant, store: new PostgresEventStore({ ...db.options, tenant }) }
}

function publish(
  id: string,
  options: { conversation?: string; request?: string; offset?: number; data?: string; timestamp?: string } = {},
) {
  const request = options.request ?? 'r'
  return {
    event_id: id,
    event_version: '1.0',
    assistant_request_id: request,
    event_type: 'PublishToTopic' as const,
    timestamp: options.timestamp ?? '2025-08-28T10:40:11.078102+00:00',
    event_context: {
      consumed_event_ids: [],
      publisher_name: 'p',
      publisher_type: 'P',
      name: 'topic',
      type: 'Topic',
      offset: options.offset ?? 0,
      invoke_context: {
        conversation_id: options.conversation ?? 'c',
        invoke_id: 'i',
        assistant_request_id: request,
        user_id: '',
        kwargs: null,
      },
    },
    data: options.data ?? '[]',
  }
}

const idsOf = (events: readonly { event_id: string }[]) => events.map((event) => event.event_id)

describe('PostgresEventStore', () => {
  it('compares what is written in another way in one round trip more, however many events there are', async () => {
    const { store } = openStore()
    const all = Array.from({ length: 300 }, (_, n) => publish(String(n)))
    await store.recordEvents(all)
    const requests = vi.spyOn(globalThis, 'fetch')
    const changed = all.map((event, n) => (n < 2 ? { ...event, data: '[1]' } : event))
    const result = await store.recordEvents(changed.map((event) => JSON.stringify(event, null, 1)))
    expect(result).toMatchObject({ recorded: 0, duplicates: 298, conflicts: ['0', '1'] })
    expect(requests.mock.calls.length).toBe(2)
    requests.mockRestore()
  })

  it('compares more text than one answer of the database holds', async () => {
    const { store } = openStore()
    const large = ['a', 'b', 'c'].map((id) => publish(id, { data: id.repeat(3 * 1024 * 1024) }))
    for (const event of large) await store.recordEvent(event)
    const others = large.map((event) => JSON.stringify(event, null, 1))
    expect(await store.recordEvents(others)).toMatchObject({ recorded: 0, duplicates: 3, conflicts: [] })
  })

  it('records events in order and numbers every conversation from 1 without gaps', async () => {
    const { store } = openStore()
    expect(await store.recordEvents([publish('1'), publish('2', { conversation: 'd' }), publish('3')])).toEqual({
      recorded: 3,
      duplicates: 0,
      conflicts: [],
      conversations: [
        { conversation_id: 'c', first_seq: 1, last_seq: 2 },
        { conversation_id: 'd', first_seq: 1, last_seq: 1 },
      ],
    })
    expect((await store.recordEvent(publish('4'))).conversations).toEqual([{ conversation_id: 'c', first_seq: 3, last_seq: 3 }])
    expect(idsOf(await store.getEvents())).toEqual(['1', '2', '3', '4'])
    expect(idsOf(await store.getConversationEvents('c'))).toEqual(['1', '3', '4'])
    expect(await store.getEvent('2')).toEqual(publish('2', { conversation: 'd' }))
  })

  it('numbers without gaps when many writers record at once', async () => {
    const { store, tenant } = openStore()
    await store.recordEvent(publish('first'))
    const writers = Array.from({ length: 8 }, (_, writer) =>
      openStore(tenant).store.recordEvents(Array.from({ length: 10 }, (_, n) => publish(`${writer}-${n}`))),
    )
    await Promise.all(writers)
    const { items } = await db.history.conversationEvents(tenant, 'c', { limit: 100 })
    expect(items.map((item) => item.seq)).toEqual(Array.from({ length: 81 }, (_, index) => index + 1))
    expect(await listed(db.history, tenant, 'c')).toMatchObject({ head_seq: 81, event_count: 81 })
  })

  it('tells duplicates from conflicts by value, across calls and within one, and keeps the first', async () => {
    const { store } = openStore()
    const first = publish('1')
    await store.recordEvent(first)
    const reordered = JSON.stringify(Object.fromEntries(Object.entries(first).toReversed()), null, 2)
    const result = await store.recordEvents([
      first,
      reordered,
      publish('1', { data: '["other"]' }),
      publish('1', { timestamp: '2025-09-28T10:40:11+00:00' }),
      publish('2'),
      publish('2'),
      publish('2', { data: '["other"]' }),
    ])
    expect(result).toEqual({
      recorded: 1,
      duplicates: 3,
      conflicts: ['1', '2'],
      conversations: [{ conversation_id: 'c', first_seq: 1, last_seq: 2 }],
    })
    expect(await store.getEvents()).toEqual([first, publish('2')])
  })

  it('stores a text that it is given as it is', async () => {
    const { store, tenant } = openStore()
    const text = JSON.stringify(publish('1')).replace(
      '"data":"[]"',
      String.raw`"data" : "\u0000 \ud800" ,"n":1756377611078069123`,
    )
    await store.recordEvent(` ${text}\n`)
    expect((await db.history.event(tenant, '1'))?.event).toBe(text)
    expect(idsOf(await store.getEvents())).toEqual(['1'])
  })

  it('records none of a list with an invalid event, and names it', async () => {
    const { store } = openStore()
    const call = store.recordEvents([publish('1'), { ...publish('2'), timestamp: 'yesterday' }, 'no JSON', '[]'])
    await expect(call).rejects.toThrow(InvalidEventError)
    await expect(call).rejects.toMatchObject({ issues: [{ index: 1, path: 'timestamp' }, { index: 2 }, { index: 3 }] })
    expect(await store.getEvents()).toEqual([])
  })

  it('finds by assistant request and by topic and offsets', async () => {
    const { store } = openStore()
    await store.recordEvents([
      publish('1', { offset: 0 }),
      publish('2', { offset: 1, request: 'other' }),
      publish('3', { offset: 0, conversation: 'd' }),
    ])
    expect(idsOf(await store.getAgentEvents('r'))).toEqual(['1', '3'])
    expect(idsOf(await store.getTopicEvents('topic', [0]))).toEqual(['1', '3'])
    expect(idsOf(await store.getTopicEvents('topic', [1, 5]))).toEqual(['2'])
    expect(await store.getTopicEvents('topic', [])).toEqual([])
    expect(await store.getEvent('unknown')).toBeNull()
    expect(await store.getConversationEvents('unknown')).toEqual([])
  })

  it('takes known ids again after everything was cleared, from 1', async () => {
    const { store } = openStore()
    await store.recordEvents([publish('1'), publish('2')])
    await store.clearEvents()
    expect(await store.getEvents()).toEqual([])
    expect((await store.recordEvent(publish('2'))).conversations).toEqual([{ conversation_id: 'c', first_seq: 1, last_seq: 1 }])
    expect(idsOf(await store.getConversationEvents('c'))).toEqual(['2'])
  })

  it("is cleared by its own times, whatever another tenant's are", async () => {
    const { store } = openStore()
    const ahead = Date.now() + 86_400_000
    await db.history.append([batch(db.tenant(), 'c', numbered('ahead', 1), { recordedAt: ahead })])
    await store.recordEvent(publish('1'))
    await store.clearEvents()
    expect(await store.getEvents()).toEqual([])
    expect((await store.recordEvent(publish('1'))).recorded).toBe(1)
  })

  it('records nothing when the list is empty', async () => {
    const { store } = openStore()
    expect(await store.recordEvents([])).toEqual({ recorded: 0, duplicates: 0, conflicts: [], conversations: [] })
  })

  it('sees only its own tenant', async () => {
    const { store } = openStore()
    const { store: other } = openStore()
    await store.recordEvent(publish('1'))
    expect(await other.getEvents()).toEqual([])
    expect((await other.recordEvent(publish('1', { data: '["theirs"]' }))).recorded).toBe(1)
    await other.clearEvents()
    expect(idsOf(await store.getEvents())).toEqual(['1'])
  })
})
