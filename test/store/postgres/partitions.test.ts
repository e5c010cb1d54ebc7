import { describe, expect, it } from 'vitest'
import { batch, useHistory } from './support.ts'

const db = useHistory()

async function partitionOf(tenant: string, eventId: string): Promise<string | undefined> {
  const { rows } = await db.sql.query(
    'SELECT tableoid::regclass::text AS name FROM events WHERE tenant_id = $1 AND event_id = $2',
    [tenant, eventId],
  )
  return rows[0]?.name
}

function monthsFromNow(months: number): Date {
  const now = new Date()
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1))
}

function nameOf(month: Date): string {
  return `events_${month.toISOString().slice(0, 7).replace('-', '_')}`
}

describe('partitions', () => {
  it('are made when the first event of a month arrives, by UTC months', async () => {
    const tenant = db.tenant()
    await db.history.append([
      batch(tenant, 'c', [
        { event_id: 'last', timestamp: '2025-03-31T23:59:59.999999Z' },
        { event_id: 'first', timestamp: '2025-04-01T00:00:00Z' },
      ]),
    ])
    expect(await partitionOf(tenant, 'last')).toBe('events_2025_03')
    expect(await partitionOf(tenant, 'first')).toBe('events_2025_04')
  })

  it('are not made outside the window: such events go to the default partition', async () => {
    const tenant = db.tenant()
    await db.history.append([
      batch(tenant, 'c', [
        { event_id: 'old', timestamp: '2019-12-31T23:59:59Z' },
        { event_id: 'oldest-kept', timestamp: '2020-01-01T00:00:00Z' },
        { event_id: 'next', timestamp: monthsFromNow(2).toISOString() },
        { event_id: 'far', timestamp: monthsFromNow(3).toISOString() },
        { event_id: 'end', timestamp: '9999-12-31T23:59:59.999999Z' },
        { event_id: 'begin', timestamp: '0001-01-01T00:00:00Z' },
      ]),
    ])
    expect(await partitionOf(tenant, 'old')).toBe('events_default')
    expect(await partitionOf(tenant, 'oldest-kept')).toBe('events_2020_01')
    expect(await partitionOf(tenant, 'next')).toBe(nameOf(monthsFromNow(2)))
    expect(await partitionOf(tenant, 'far')).toBe('events_default')
    expect(await partitionOf(tenant, 'end')).toBe('events_default')
    expect(await partitionOf(tenant, 'begin')).toBe('events_default')
  })

  it('take over the rows of their month from the default partition, positions and all', async () => {
    const tenant = db.tenant()
    const text = '{"event_context":{"a":"\\u0000"} ,"data":1e400}'
    await db.sql.query(
      `INSERT INTO events (tenant_id, event_id, conversation_id, seq, event_type, timestamp, recorded_at, event)
       SELECT $1, 'e' || n, 'c', n, 'ToolInvoke', '2021-06-30T23:00:00Z'::timestamptz + n * interval '30 minutes', now(), $2
       FROM generate_series(1, 3) AS n`,
      [tenant, text],
    )
    const before = await db.history.feed(tenant, { order: 'asc', limit: 10 })
    await db.sql.query(`SELECT ensure_event_partitions('{2021-07-01}')`)
    expect(await partitionOf(tenant, 'e1')).toBe('events_default')
    expect(await partitionOf(tenant, 'e2')).toBe('events_2021_07')
    expect(await partitionOf(tenant, 'e3')).toBe('events_2021_07')
    expect(await db.history.feed(tenant, { order: 'asc', limit: 10 })).toEqual(before)
    expect(before.items).toHaveLength(3)
  })

  it('are made once however many ask at the same time', async () => {
    for (const month of ['02', '03', '04', '05', '06', '07']) {
      const asks = Array.from({ length: 8 }, (_, index) =>
        db.history.append([batch(db.tenant(), 'c', [{ event_id: `e${index}`, timestamp: `2023-${month}-05T00:00:00Z` }])]),
      )
      await expect(Promise.all(asks)).resolves.toHaveLength(8)
      const made = await db.sql.query('SELECT ensure_event_partitions($1::date[])::text AS months', [[`2023-${month}-01`]])
      expect(made.rows).toEqual([{ months: '{}' }])
    }
  })

  it('are made ahead by maintain for this month and the two that follow', async () => {
    await db.history.maintain(Date.now())
    await db.history.maintain(Date.now())
    for (const ahead of [0, 1, 2]) {
      const { rows } = await db.sql.query('SELECT to_regclass($1) IS NOT NULL AS there', [nameOf(monthsFromNow(ahead))])
      expect(rows).toEqual([{ there: true }])
    }
  })

  it('carry every index and the generated columns of the table', async () => {
    await db.history.maintain(Date.now())
    const { rows } = await db.sql.query(
      `SELECT count(*)::int AS indexes FROM pg_index WHERE indrelid = $1::regclass AND indisvalid
       UNION ALL SELECT count(*)::int FROM pg_index WHERE indrelid = 'events'::regclass`,
      [nameOf(monthsFromNow(0))],
    )
    expect(rows[0]).toEqual(rows[1])
  })
})
