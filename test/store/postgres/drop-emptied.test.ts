import { describe, expect, it } from 'vitest'
import { batch, listed, numbered, RECORDED_AT, useHistory } from './support.ts'

const db = useHistory()

/** Past every event of these tests. */
const MARKER = Date.UTC(2026, 1, 1) - 1

async function partitions(): Promise<string[]> {
  const { rows } = await db.sql.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'events'::regclass ORDER BY name`,
  )
  return rows.map(({ name }) => name)
}

const at = (month: string) => ({ timestamp: `${month}-15T00:00:00Z` })
const make = (...months: string[]) =>
  db.sql.query('SELECT ensure_event_partitions($1::date[])', [months.map((month) => `${month}-01`)])

describe('partitions', () => {
  it('of months before the marker go when they are empty; others stay', async () => {
    const tenant = db.tenant()
    await make('2021-01', '2021-02', '2021-03', '2026-01', '2026-02')
    await db.history.append([batch(tenant, 'c', numbered('e', 1, at('2021-02')))])
    const before = await partitions()
    const { partitions: dropped } = await db.history.dropEmptied(MARKER)
    const gone = before.filter((name) => !['events_2021_02', 'events_2026_01', 'events_2026_02', 'events_default'].includes(name))
    expect(gone).toEqual(expect.arrayContaining(['events_2021_01', 'events_2021_03']))
    expect(dropped).toBe(gone.length)
    expect(await partitions()).toEqual(before.filter((name) => !gone.includes(name)))
    await db.history.clear(tenant, RECORDED_AT)
    expect(await db.history.dropEmptied(MARKER)).toMatchObject({ partitions: 1 })
    expect(await partitions()).not.toContain('events_2021_02')
  })

  it('that something depends on stay and are named, and keep no others', async () => {
    await make('2021-03', '2021-04')
    await db.sql.query('CREATE VIEW report AS SELECT * FROM events_2021_03')
    const kept = [{ name: 'events_2021_03', because: 'view report depends on table events_2021_03' }]
    expect(await db.history.dropEmptied(MARKER)).toMatchObject({ partitions: 1, kept })
    expect(await partitions()).toContain('events_2021_03')
    expect(await partitions()).not.toContain('events_2021_04')
    await db.sql.query('DROP VIEW report')
    expect(await db.history.dropEmptied(MARKER)).toMatchObject({ partitions: 1, kept: [] })
  })

  it('of this month and later ones stay, whatever the marker is', async () => {
    await db.history.maintain(Date.now())
    const before = await partitions()
    await db.history.dropEmptied(Date.now() + 1e12)
    const kept = await partitions()
    const thisMonth = `events_${new Date().toISOString().slice(0, 7).replace('-', '_')}`
    expect(kept).toContain(thisMonth)
    expect(before.filter((name) => name >= thisMonth)).toEqual(kept)
  })

  it('come back with the next event of their month', async () => {
    const tenant = db.tenant()
    await make('2021-05')
    await db.history.dropEmptied(MARKER)
    await db.history.append([batch(tenant, 'c', numbered('e', 1, at('2021-05')))])
    expect(await partitions()).toContain('events_2021_05')
    expect((await db.history.event(tenant, 'e-1'))?.seq).toBe(1)
  })

  it('that are dropped while an append is on its way leave its event where it is found, and where the next one takes it along', async () => {
    const tenant = db.tenant()
    await make('2021-06')
    const client = await db.openClient()
    const { segments, heads, events } = batch(tenant, 'c', numbered('e', 1, at('2021-06')))
    const places = JSON.stringify([{ tenant, conversation_id: 'c', segments }])
    // Behind the append's look at the partitions, before its tenant's lock.
    const blocker = await db.openClient()
    await blocker.query('BEGIN')
    await blocker.query(`SELECT lock_tenants($1)`, [[tenant]])
    const append = client.query('SELECT append_events($1, $2, $3) AS answer', [places, `[${heads}]`, `[${events}]`])
    await untilWaiting()
    expect(await db.history.dropEmptied(MARKER)).toMatchObject({ partitions: 1 })
    await blocker.query('COMMIT')
    expect((await append).rows).toMatchObject([{ answer: { status: 'appended' } }])
    expect((await db.history.event(tenant, 'e-1'))?.seq).toBe(1)
    await db.history.append([batch(tenant, 'c', numbered('f', 1, at('2021-06')), { firstSeq: 2 })])
    const { rows } = await db.sql.query(`SELECT count(*)::int AS events FROM events_2021_06`)
    expect(rows).toEqual([{ events: 2 }])
  })

  it('are dropped beside appends to the same months, of which none fails or is lost', async () => {
    const tenants = [db.tenant(), db.tenant(), db.tenant()]
    const months = ['2022-01', '2022-02', '2022-03', '2022-04']
    let isOver = false
    let recorded = 0
    const writing = tenants.map(async (tenant) => {
      for (let seq = 1; seq <= 25; seq++) {
        const events = [{ event_id: `e${seq}`, ...at(months[seq % months.length] ?? '') }]
        await db.history.append([batch(tenant, 'c', events, { firstSeq: seq })])
        recorded += 1
      }
    })
    let dropped = 0
    const dropping = (async () => {
      while (!isOver) {
        await make(...months)
        dropped += (await db.history.dropEmptied(MARKER).catch(() => ({ partitions: 0 }))).partitions
      }
    })()
    await Promise.all(writing)
    isOver = true
    await dropping
    expect(recorded).toBe(75)
    expect(dropped).toBeGreaterThan(0)
    for (const tenant of tenants) {
      const { items } = await db.history.conversationEvents(tenant, 'c', { limit: 100 })
      expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: 25 }, (_, n) => n + 1))
    }
  })

  it('wait for a reader that does not end no longer than others may wait behind them', async () => {
    const reader = await db.openClient()
    await make('2021-08')
    await reader.query('BEGIN')
    await reader.query('SELECT count(*) FROM events')
    await expect(db.history.dropEmptied(MARKER)).rejects.toMatchObject({ code: '55P03' })
    expect(await partitions()).toContain('events_2021_08')
    await reader.query('COMMIT')
    expect(await db.history.dropEmptied(MARKER)).toMatchObject({ partitions: 1 })
  })
})

describe('conversations', () => {
  const known = async (tenant: string) => {
    const { rows } = await db.sql.query<{ id: string }>(
      'SELECT conversation_id AS id FROM conversations WHERE tenant_id = $1 ORDER BY 1',
      [tenant],
    )
    return rows.map(({ id }) => id)
  }

  it('that are empty are forgotten when their last clearing is before the marker', async () => {
    const tenant = db.tenant()
    for (const id of ['emptied', 'later', 'partly', 'kept']) {
      await db.history.append([batch(tenant, id, numbered(id, 1)), batch(tenant, id, [])].slice(0, 1))
    }
    await db.history.append([batch(tenant, 'partly', numbered('more', 1), { firstSeq: 2, recordedAt: RECORDED_AT + 1 })])
    await db.history.clearConversations(tenant, ['emptied', 'partly', 'never heard of'], RECORDED_AT)
    await db.history.clearConversations(tenant, ['later'], MARKER)
    expect(await db.history.dropEmptied(MARKER)).toMatchObject({ conversations: 2 })
    expect(await known(tenant)).toEqual(['kept', 'later', 'partly'])
    expect(await db.history.dropEmptied(MARKER + 1)).toMatchObject({ conversations: 1 })
  })

  it('take events again when they are forgotten', async () => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'c', numbered('a', 3))])
    await db.history.clearConversations(tenant, ['c'], RECORDED_AT)
    await db.history.dropEmptied(MARKER)
    await db.history.append([batch(tenant, 'c', numbered('b', 1), { recordedAt: RECORDED_AT + 5 })])
    expect(await listed(db.history, tenant, 'c')).toMatchObject({ head_seq: 1, event_count: 1 })
  })

  it('that an append is about to fill are left alone, without waiting for it', async () => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'c', numbered('a', 1))])
    await db.history.clearConversations(tenant, ['c'], RECORDED_AT)
    const client = await db.openClient()
    await client.query('BEGIN')
    const { segments, heads, events } = batch(tenant, 'c', numbered('b', 1), { recordedAt: RECORDED_AT + 5 })
    const places = JSON.stringify([{ tenant, conversation_id: 'c', segments }])
    await client.query('SELECT append_events($1, $2, $3)', [places, `[${heads}]`, `[${events}]`])
    const { rows } = await db.sql.query('SELECT forget_emptied_conversations($1, 100) AS forgotten', [MARKER])
    expect(rows).toEqual([{ forgotten: '0' }])
    await client.query('COMMIT')
    expect(await listed(db.history, tenant, 'c')).toMatchObject({ event_count: 1 })
  })
})

/** Until a session waits for a tenant's lock. */
async function untilWaiting(): Promise<void> {
  for (;;) {
    const { rows } = await db.sql.query(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)
    if (rows.length > 0) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
