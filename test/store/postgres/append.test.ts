import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_EVENT_BYTES } from '../../../src/model/limits.ts'
import { batch, listed, numbered, RECORDED_AT, textsOf, useHistory } from './support.ts'

const db = useHistory()

const ODD_TEXTS = [
  '{"event_context":{"a":"\\u0000"},"data":"\\u0000"}',
  '{"event_context":{"a":"\\ud800"},"data":"\\udc00 \\ud83d\\ude00"}',
  '{"event_context":{"a":"\\\\u0000"},"data":["\\\\\\\\u0000"]}',
  '{"data":[1e400,-0,1.50,1756377611078069123,0.1e-7],"event_context":{}}',
  '{\n\t"event_context" : {"b":1,"a":2,"b":3},\r\n  "data":"\\/ é 😀 \\u00e9" }',
  '{"event_context":{"n":1e999999},"data":1e999999}',
  '{"data":null}',
]

describe('append', () => {
  it('keeps every event text byte for byte', async () => {
    const tenant = db.tenant()
    await db.history.append([
      batch(
        tenant,
        'odd',
        ODD_TEXTS.map((text, index) => ({ event_id: `odd-${index}`, text })),
      ),
    ])
    expect(textsOf(await db.history.conversationEvents(tenant, 'odd', { limit: 100 }))).toEqual(ODD_TEXTS)
    expect(textsOf(await db.history.feed(tenant, { order: 'asc', limit: 100 }))).toEqual(ODD_TEXTS)
  })

  it('keeps whatever JSON is in an event', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json({ stringUnit: 'binary' }), { minLength: 1, maxLength: 20 }), async (values) => {
        const tenant = db.tenant()
        const texts = values.map((value) => `{ "data":${value}}`)
        await db.history.append([
          batch(
            tenant,
            'c',
            texts.map((text, index) => ({ event_id: `e${index}`, text })),
          ),
        ])
        expect(textsOf(await db.history.feed(tenant, { order: 'asc', limit: 100 }))).toEqual(texts)
      }),
      { numRuns: 25 },
    )
  })

  it('leaves the whole table readable when it holds events that jsonb cannot take', async () => {
    const tenant = db.tenant()
    await db.history.append([
      batch(
        tenant,
        'odd',
        ODD_TEXTS.map((text, index) => ({ event_id: `odd-${index}`, text })),
      ),
    ])
    const { rows } = await db.sql.query(
      'SELECT events.*, event_context::text AS context, data::text AS data FROM events WHERE tenant_id = $1 ORDER BY seq',
      [tenant],
    )
    expect(rows.map((row) => [row.context, row.data])).toEqual([
      [null, null],
      [null, null],
      ['{"a": "\\\\u0000"}', '["\\\\\\\\u0000"]'],
      ['{}', '[1e400,-0,1.50,1756377611078069123,0.1e-7]'],
      ['{"a": 2, "b": 3}', '"\\/ é 😀 \\u00e9"'],
      [null, null],
      [null, 'null'],
    ])
    expect((await db.sql.query('SELECT * FROM events WHERE tenant_id = $1', [tenant])).rowCount).toBe(ODD_TEXTS.length)
  })

  it('takes and gives back the largest event when every byte of it needs an escape', async () => {
    const tenant = db.tenant()
    const frame = '{"data":""}'
    const text = `{"data":"${'\\'.repeat(MAX_EVENT_BYTES - frame.length - 1)}"}`
    expect(() => JSON.parse(text)).not.toThrow()
    await db.history.append([batch(tenant, 'large', [{ event_id: 'large', text }])])
    const found = await db.history.event(tenant, 'large')
    expect(found?.event === text).toBe(true)
  })

  it('stores places, positions in the order given, and times of recording', async () => {
    const tenant = db.tenant()
    const outcome = await db.history.append([
      {
        ...batch(tenant, 'a', numbered('a', 3)),
        segments: [
          { first_seq: 5, count: 1, recorded_at: RECORDED_AT },
          { first_seq: 6, count: 2, recorded_at: RECORDED_AT + 7 },
        ],
      },
      batch(tenant, 'b', numbered('b', 2)),
    ])
    expect(outcome).toEqual({ cleared: new Map(), cleared_conversations: [], set_aside: [] })
    const { items, more } = await db.history.feed(tenant, { order: 'asc', limit: 10 })
    expect(items.map((item) => [item.conversation_id, item.seq, item.recorded_at])).toEqual([
      ['a', 5, '2026-01-15T10:00:00.000Z'],
      ['a', 6, '2026-01-15T10:00:00.007Z'],
      ['a', 7, '2026-01-15T10:00:00.007Z'],
      ['b', 1, '2026-01-15T10:00:00.000Z'],
      ['b', 2, '2026-01-15T10:00:00.000Z'],
    ])
    expect(more).toBe(false)
    const positions = items.map((item) => BigInt(item.position))
    expect(positions).toEqual(positions.toSorted((x, y) => (x < y ? -1 : 1)))
  })

  it('changes nothing when it is repeated, alone, beside new events and twice in one call', async () => {
    const tenant = db.tenant()
    const first = batch(tenant, 'c', numbered('e', 3))
    await db.history.append([first])
    const before = await db.history.feed(tenant, { order: 'asc', limit: 10 })
    expect(await db.history.append([first])).toEqual({ cleared: new Map(), cleared_conversations: [], set_aside: [] })
    expect(await db.history.feed(tenant, { order: 'asc', limit: 10 })).toEqual(before)

    const longer = batch(tenant, 'c', numbered('e', 5))
    expect(await db.history.append([longer, longer])).toEqual({ cleared: new Map(), cleared_conversations: [], set_aside: [] })
    const after = await db.history.conversationEvents(tenant, 'c', { limit: 10 })
    expect(after.items.map((item) => item.seq)).toEqual([1, 2, 3, 4, 5])
    expect(await listed(db.history, tenant, 'c')).toMatchObject({ head_seq: 5, event_count: 5 })
  })

  it('stores nothing of a call with one event that Postgres refuses, and says that the data is at fault', async () => {
    const tenant = db.tenant()
    const call = db.history.append([batch(tenant, 'c', [{ event_id: 'good' }, { event_id: 'bad', event_type: 'secret\u0000' }])])
    await expect(call).rejects.toMatchObject({
      tag: 'event-persistence',
      operation: 'append',
      refusesData: true,
      transient: false,
    })
    await expect(call).rejects.not.toThrow(/secret|good/)
    expect(await db.history.event(tenant, 'good')).toBeNull()
  })

  it('refuses lists of different lengths', async () => {
    const tenant = db.tenant()
    const whole = batch(tenant, 'c', numbered('e', 2))
    for (const broken of [
      { ...whole, segments: [{ first_seq: 1, count: 1, recorded_at: RECORDED_AT }] },
      { ...whole, segments: [{ first_seq: 1, count: 3, recorded_at: RECORDED_AT }] },
      { ...whole, events: '{}' },
    ]) {
      await expect(db.history.append([broken])).rejects.toMatchObject({ refusesData: true })
    }
    expect(await listed(db.history, tenant, 'c')).toBeUndefined()
  })
})
