import { neon, neonConfig } from '@neondatabase/serverless'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { postSql } from '../support/sql-over-http.ts'

const SETTINGS = {
  query:
    "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'), current_setting('transaction_deferrable')",
}

let database: TestDatabase
let sql: ReturnType<typeof neon<false, false>>

beforeAll(async () => {
  database = await startTestDatabase()
  neonConfig.fetchEndpoint = database.fetchEndpoint
  sql = neon(database.databaseUrl)
}, 60_000)
afterAll(() => database?.stop())

beforeEach(async () => {
  await sql`DROP TABLE IF EXISTS node`
  await sql`CREATE TABLE node (id int PRIMARY KEY, parent int REFERENCES node DEFERRABLE INITIALLY DEFERRED)`
})

async function settingsUnder(headers: Record<string, string>) {
  const { status, headers: answered, body } = await postSql(database, { queries: [SETTINGS] }, headers)
  const [result] = body.results as { rows: string[][] }[]
  return { status, answered, row: result?.rows[0] }
}

describe('a batch', () => {
  it('gives one result for each statement, in order', async () => {
    const results = await sql.transaction([
      sql`INSERT INTO node VALUES (1)`,
      sql`SELECT id FROM node`,
      sql`DELETE FROM node RETURNING id`,
    ])
    expect(results).toEqual([[], [{ id: 1 }], [{ id: 1 }]])
  })

  it('is one transaction: a failing statement leaves nothing of the others', async () => {
    const batch = sql.transaction([sql`INSERT INTO node VALUES (1)`, sql`SELECT 1 / 0`, sql`INSERT INTO node VALUES (2)`])
    await expect(batch).rejects.toMatchObject({ code: '22012' })
    expect(await sql`SELECT * FROM node`).toEqual([])
  })

  it('is committed before it is answered: a deferred constraint fails there, as 400', async () => {
    await expect(sql.transaction([sql`INSERT INTO node VALUES (2, 1)`])).rejects.toMatchObject({ code: '23503' })
    const { status } = await postSql(database, { queries: [{ query: 'INSERT INTO node VALUES (2, 1)' }] })
    expect(status).toBe(400)
    expect(await sql`SELECT * FROM node`).toEqual([])
  })

  it('of no statements is an empty answer', async () => {
    expect((await postSql(database, { queries: [] })).body).toEqual({ results: [] })
  })

  it('whose answer is too large is 507, and is rolled back', async () => {
    const queries = [{ query: 'INSERT INTO node VALUES (1)' }, { query: "SELECT repeat('x', 11 * 1024 * 1024)" }]
    const { status, body } = await postSql(database, { queries })
    expect([status, body.message]).toEqual([507, 'response is too large (max is 10485760 bytes)'])
    expect(await sql`SELECT * FROM node`).toEqual([])
  })
})

describe('the transaction headers', () => {
  it.each([
    ['Serializable', 'serializable', 'Serializable'],
    ['ReadUncommitted', 'read uncommitted', null],
    ['ReadCommitted', 'read committed', null],
    ['RepeatableRead', 'repeatable read', null],
  ])('take the isolation level %s', async (level, setting, echo) => {
    const { row, answered } = await settingsUnder({ 'Neon-Batch-Isolation-Level': level })
    expect(row).toEqual([setting, 'off', 'off'])
    expect(answered.get('neon-batch-isolation-level')).toBe(echo)
  })

  it.each(['serializable', 'SERIALIZABLE', 'Snapshot', ''])('refuse the isolation level "%s" with 400', async (level) => {
    const { status, body } = await postSql(database, { queries: [SETTINGS] }, { 'Neon-Batch-Isolation-Level': level })
    expect([status, body.message]).toEqual([400, 'invalid isolation level'])
  })

  it('make a transaction read-only and deferrable on the exact text "true"', async () => {
    const { row, answered } = await settingsUnder({ 'Neon-Batch-Read-Only': 'true', 'Neon-Batch-Deferrable': 'true' })
    expect(row?.slice(1)).toEqual(['on', 'on'])
    expect([answered.get('neon-batch-read-only'), answered.get('neon-batch-deferrable')]).toEqual(['true', 'true'])
    await expect(sql.transaction([sql`INSERT INTO node VALUES (1)`], { readOnly: true })).rejects.toMatchObject({ code: '25006' })
  })

  it.each(['True', 'TRUE', '1', 'yes', 'false'])('do not take "%s" for true', async (value) => {
    const { row, answered } = await settingsUnder({ 'Neon-Batch-Read-Only': value, 'Neon-Batch-Deferrable': value })
    expect(row).toEqual(['read committed', 'off', 'off'])
    expect(answered.get('neon-batch-read-only')).toBeNull()
  })

  it('say nothing about a single statement', async () => {
    const { body } = await postSql(database, SETTINGS, {
      'Neon-Batch-Isolation-Level': 'Serializable',
      'Neon-Batch-Read-Only': 'true',
    })
    expect(body.rows).toEqual([['read committed', 'off', 'off']])
  })
})
