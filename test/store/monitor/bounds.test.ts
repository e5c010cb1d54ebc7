import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { MAX_COUNTED_RUNS, OVERVIEW_TIMEOUT_MS } from '../../../src/model/limits.ts'
import { type Connection, connect, type StatementLimits } from '../../../src/store/postgres/connection.ts'
import { activity } from '../../../src/store/postgres/monitor/activity.ts'
import { assistants } from '../../../src/store/postgres/monitor/assistants.ts'
import { unfinished } from '../../../src/store/postgres/monitor/unfinished.ts'
import { FakeTiming } from '../../client/scripted-fetch.ts'
import { useHistory } from '../postgres/support.ts'
import { RANGE } from './samples.ts'

const db = useHistory()

describe('a statement that PostgreSQL is to give up', () => {
  it('is given up by the server itself, and not repeated', async () => {
    const timing = new FakeTiming()
    const connection = connect(db.options, timing)
    const slow = connection.rows('slow', sql`SELECT pg_sleep(60)`, { cancelAfterMs: 100 })
    await expect(slow).rejects.toMatchObject({ operation: 'slow', code: '57014' })
    expect(timing.waits).toEqual([])
    const { rows } = await db.sql.query(
      `SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()`,
    )
    expect(rows).toEqual([])
  })

  it('gives its values as text, and changes nothing', async () => {
    const connection = connect(db.options)
    const limits = { cancelAfterMs: 10_000 }
    const values = sql`SELECT 1 AS number, true AS yes, NULL AS nothing, '[1]'::json AS list`
    expect(await connection.rows('read', values, limits)).toEqual([{ number: '1', yes: 't', nothing: null, list: '[1]' }])
    const write = connection.rows('write', sql`DELETE FROM events`, limits)
    await expect(write).rejects.toMatchObject({ operation: 'write' })
    expect(await connection.rows('after', sql`SHOW statement_timeout`)).toEqual([{ statement_timeout: '0' }])
  })

  it.each<[string, (connection: Connection) => Promise<unknown>]>([
    ['activity', (c) => activity(c, 't', { ...RANGE, step: 60 })],
    ['assistants', (c) => assistants(c, 't', RANGE)],
    ['unfinished', (c) => unfinished(c, 't', { ...RANGE, limit: 5 })],
  ])('is every one of the overview of %s', async (_, operation) => {
    const seen: (StatementLimits | undefined)[] = []
    await operation({
      async rows(_operation, _statement, limits) {
        seen.push(limits)
        return []
      },
    })
    expect(seen).toEqual([{ cancelAfterMs: OVERVIEW_TIMEOUT_MS }])
  })
})

describe('the overview of assistants', () => {
  it('counts the newest runs, and says so, where there are too many', async () => {
    const tenant = db.tenant()
    await db.sql.query(
      `INSERT INTO assistant_runs (tenant_id, position, assistant_request_id, run, input, name, began_at)
       SELECT $1, n, 'r', '00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000',
         CASE WHEN n > 2 THEN 'new' ELSE 'old' END, $2::timestamptz + n * interval '1 millisecond'
       FROM generate_series(1, $3::integer) AS n`,
      [tenant, RANGE.since, MAX_COUNTED_RUNS + 1],
    )
    const found = await db.history.assistants(tenant, RANGE)
    expect(found.truncated).toBe(true)
    expect(found.assistants.map(({ name, requests }) => [name, requests])).toEqual([
      ['new', MAX_COUNTED_RUNS - 1],
      ['old', 1],
    ])
    const whole = await db.history.assistants(tenant, { ...RANGE, since: '2026-01-15T10:00:00.003Z' })
    expect(whole).toMatchObject({ truncated: false, assistants: [{ name: 'new', requests: MAX_COUNTED_RUNS - 1 }] })
  })
})
