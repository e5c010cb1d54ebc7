import { describe, expect, it } from 'vitest'
import type { EventHistory, FeedFilter, FollowedPage, PendingEvents } from '../../../src/model/history.ts'
import { InMemoryHistory } from '../../../src/store/in-memory/history.ts'
import { batch, numbered, RECORDED_AT, useHistory } from './support.ts'

const db = useHistory()
const inMemory = new InMemoryHistory()

const seqs = (page: FollowedPage) => page.items.map((item) => item.seq)

const FILTERS: readonly FeedFilter[] = [{}, { event_type: 'A' }, { event_name: 'n' }, { topic_name: 't' }]

/** Every third event of the conversation is one that each of the filters finds. */
const every3rd = (count: number) =>
  numbered('e', count).map((event, i) =>
    i % 3 === 0
      ? { ...event, event_type: 'A', event_name: 'n', topic_name: 't', assistant_request_id: i % 2 ? 'r' : null }
      : event,
  )

describe.each<[string, () => EventHistory]>([
  ['in PostgreSQL', () => db.history],
  ['in memory', () => inMemory],
])('the feed that is followed, %s,', (_, history) => {
  it('has nothing, and nowhere to go on from, where there is no event', async () => {
    const tenant = db.tenant()
    for (const filter of FILTERS) {
      expect(await history().followFeed(tenant, { limit: 9, ...filter })).toEqual({ items: [], more: false, through: '0' })
      expect(await history().followFeed(tenant, { limit: 9, after: '7', ...filter })).toMatchObject({ through: '7' })
    }
  })

  it('goes on from the last item while there are more, and then from the newest event that the filter left out', async () => {
    const tenant = db.tenant()
    await history().append([batch(tenant, 'c', every3rd(12))])
    const newest = (await history().feed(tenant, { order: 'desc', limit: 1 })).items[0]?.position
    for (const filter of FILTERS.slice(1)) {
      const first = await history().followFeed(tenant, { limit: 2, ...filter })
      expect([seqs(first), first.more, first.through]).toEqual([[1, 4], true, first.items[1]?.position])
      const second = await history().followFeed(tenant, { limit: 2, after: first.through, ...filter })
      expect([seqs(second), second.more, second.through]).toEqual([[7, 10], false, newest])
      const third = await history().followFeed(tenant, { limit: 2, after: second.through, ...filter })
      expect(third).toEqual({ items: [], more: false, through: newest })
    }
  })

  it('never goes back, though what was there is cleared', async () => {
    const tenant = db.tenant()
    await history().append([batch(tenant, 'c', every3rd(3))])
    const { through } = await history().followFeed(tenant, { limit: 9, event_type: 'A' })
    await history().clear(tenant, RECORDED_AT)
    expect(await history().followFeed(tenant, { limit: 9, after: through, event_type: 'A' })).toMatchObject({ through })
    await history().append([batch(tenant, 'd', every3rd(1), { recordedAt: RECORDED_AT + 1 })])
    expect(seqs(await history().followFeed(tenant, { limit: 9, after: through, event_type: 'A' }))).toEqual([1])
  })

  it('finds the events of a topic, agent events and application events in one order, forwards and backwards', async () => {
    const tenant = db.tenant()
    await history().append([batch(tenant, 'c', every3rd(12)), batch(db.tenant(), 'c', every3rd(3))])
    const query = { topic_name: 't', limit: 3 }
    const forwards = await history().feed(tenant, { ...query, order: 'asc' })
    expect([forwards.items.map(({ seq }) => seq), forwards.more]).toEqual([[1, 4, 7], true])
    const backwards = await history().feed(tenant, { ...query, order: 'desc' })
    expect(backwards.items.map(({ seq }) => seq)).toEqual([10, 7, 4])
    const rest = await history().feed(tenant, { ...query, order: 'desc', after: backwards.items[2]?.position })
    expect([rest.items.map(({ seq }) => seq), rest.more]).toEqual([[1], false])
    expect((await history().feed(tenant, { ...query, order: 'asc', event_type: 'B' })).items).toEqual([])
  })
})

function parametersOf({ tenant, conversation_id, segments, heads, events }: PendingEvents): string[] {
  return [JSON.stringify([{ tenant, conversation_id, segments }]), `[${heads}]`, `[${events}]`]
}

it('does not go past a transaction that took its positions first and commits late', async () => {
  const tenant = db.tenant()
  await db.history.append([batch(tenant, 'warm', numbered('warm', 1))])
  const slow = await db.openClient()
  await slow.query('BEGIN')
  await slow.query('SELECT append_events($1, $2, $3)', parametersOf(batch(tenant, 'slow', every3rd(2))))
  const fast = db.history.append([batch(tenant, 'fast', numbered('fast', 1))])
  // Positions of another tenant are not waited for.
  await db.history.append([batch(db.tenant(), 'other', every3rd(2))])
  const before = await db.history.followFeed(tenant, { limit: 9, event_type: 'A' })
  expect(before.items).toEqual([])
  await slow.query('COMMIT')
  await fast
  const after = await db.history.followFeed(tenant, { limit: 9, event_type: 'A', after: before.through })
  expect(after.items.map((item) => item.conversation_id)).toEqual(['slow'])
})
