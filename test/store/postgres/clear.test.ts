import { describe, expect, it } from 'vitest'
import { batch, listed, numbered, RECORDED_AT, useHistory } from './support.ts'

const db = useHistory()

describe('clear', () => {
  it('removes what was recorded at or before the marker, names its conversations, and spares the rest', async () => {
    const [tenant, other] = [db.tenant(), db.tenant()]
    await db.history.append([
      batch(tenant, 'gone', numbered('g', 2), { recordedAt: RECORDED_AT }),
      batch(tenant, 'part', numbered('p', 2), { recordedAt: RECORDED_AT }),
      batch(tenant, 'part', numbered('q', 1), { firstSeq: 3, recordedAt: RECORDED_AT + 1 }),
      batch(tenant, 'kept', numbered('k', 1), { recordedAt: RECORDED_AT + 1 }),
      batch(other, 'gone', numbered('g', 1), { recordedAt: RECORDED_AT }),
    ])
    expect(await db.history.clear(tenant, RECORDED_AT)).toEqual(['gone', 'part'])

    const left = await db.history.feed(tenant, { order: 'asc', limit: 10 })
    expect(left.items.map((item) => [item.conversation_id, item.seq])).toEqual([
      ['part', 3],
      ['kept', 1],
    ])
    expect(await listed(db.history, tenant, 'gone')).toBeUndefined()
    expect(await listed(db.history, tenant, 'part')).toMatchObject({
      head_seq: 3,
      event_count: 1,
      first_at: '2026-01-15T10:00:00.001Z',
    })
    expect((await db.history.conversations(tenant, { limit: 10 })).items.map((item) => item.conversation_id)).toEqual([
      'kept',
      'part',
    ])
    expect((await db.history.feed(other, { order: 'asc', limit: 10 })).items).toHaveLength(1)
  })

  it('leaves what is listed of the conversations that others have under the same names, and counts none of their events', async () => {
    const [tenant, other] = [db.tenant(), db.tenant()]
    const refused = { conversation_id: 'part', seq: 3, event_id: 'x', code: '22P02', reason: 'invalid', event: '{}' }
    for (const one of [tenant, other]) {
      await db.history.append([batch(one, 'gone', numbered('g', 2)), batch(one, 'part', numbered('p', 2))])
    }
    await db.history.quarantine({ ...refused, tenant: other, recorded_at: RECORDED_AT })
    await db.history.append([batch(tenant, 'part', numbered('q', 1), { firstSeq: 3, recordedAt: RECORDED_AT + 1 })])
    const before = await db.history.conversations(other, { limit: 10 })
    expect(before.items).toHaveLength(2)
    expect(await db.history.clear(tenant, RECORDED_AT)).toEqual(['gone', 'part'])
    expect(await db.history.conversations(other, { limit: 10 })).toEqual(before)
    expect((await db.history.conversations(tenant, { limit: 10 })).items).toMatchObject([
      { conversation_id: 'part', head_seq: 3, event_count: 1 },
    ])
  })

  it('names the same conversations when its answer was lost and it is repeated', async () => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'a', numbered('a', 1)), batch(tenant, 'b', numbered('b', 1))])
    expect(await db.history.clear(tenant, RECORDED_AT)).toEqual(['a', 'b'])
    expect(await db.history.clear(tenant, RECORDED_AT)).toEqual(['a', 'b'])
  })

  it('makes later appends drop what was admitted before it, and say until when', async () => {
    const tenant = db.tenant()
    await db.history.clear(tenant, RECORDED_AT)
    const late = batch(tenant, 'c', numbered('late', 2), { recordedAt: RECORDED_AT })
    const fresh = batch(tenant, 'c', numbered('fresh', 1), { firstSeq: 3, recordedAt: RECORDED_AT + 1 })
    expect(await db.history.append([late, fresh])).toEqual({
      cleared: new Map([[tenant, RECORDED_AT]]),
      cleared_conversations: [],
      set_aside: [],
    })
    const { items } = await db.history.feed(tenant, { order: 'asc', limit: 10 })
    expect(items.map((item) => item.seq)).toEqual([3])
    expect(await listed(db.history, tenant, 'c')).toMatchObject({ event_count: 1, head_seq: 3 })
  })

  it('never moves the marker back', async () => {
    const tenant = db.tenant()
    await db.history.clear(tenant, RECORDED_AT)
    await db.history.clear(tenant, RECORDED_AT - 1000)
    const outcome = await db.history.append([batch(tenant, 'c', numbered('e', 1))])
    expect(outcome.cleared).toEqual(new Map([[tenant, RECORDED_AT]]))
    expect((await db.history.feed(tenant, { order: 'asc', limit: 10 })).items).toEqual([])
  })

  it('reaches the quarantine, what is in it and what comes late', async () => {
    const tenant = db.tenant()
    const refused = { tenant, conversation_id: 'c', seq: 1, event_id: 'x', code: '22P02', reason: 'invalid', event: '{}' }
    await db.history.quarantine({ ...refused, recorded_at: RECORDED_AT })
    expect(await db.history.clear(tenant, RECORDED_AT)).toEqual(['c'])
    await db.history.quarantine({ ...refused, recorded_at: RECORDED_AT })
    expect((await db.history.quarantined(tenant, { limit: 10 })).items).toEqual([])
    await db.history.quarantine({ ...refused, recorded_at: RECORDED_AT + 1 })
    expect((await db.history.quarantined(tenant, { limit: 10 })).items).toHaveLength(1)
  })

  it('lets a known id be recorded again', async () => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'c', [{ event_id: 'x' }])])
    await db.history.clear(tenant, RECORDED_AT)
    const again = batch(tenant, 'd', [{ event_id: 'x', text: '{"again":true}' }], { recordedAt: RECORDED_AT + 1 })
    expect((await db.history.append([again])).set_aside).toEqual([])
    expect((await db.history.event(tenant, 'x'))?.event).toBe('{"again":true}')
  })
})
