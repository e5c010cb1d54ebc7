import { neon, neonConfig } from '@neondatabase/serverless'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { postSql } from '../support/sql-over-http.ts'

const LIMIT = 10 * 1024 * 1024
const ROW = "INSERT INTO kept VALUES (1) RETURNING repeat('x', 11 * 1024 * 1024)"

let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase()
  neonConfig.fetchEndpoint = database.fetchEndpoint
}, 60_000)
afterAll(() => database?.stop())

function bodyOf(bytes: number): string {
  const empty = JSON.stringify({ query: 'SELECT length($1)', params: [''] })
  return JSON.stringify({ query: 'SELECT length($1)', params: ['x'.repeat(bytes - empty.length)] })
}

describe('a request', () => {
  it('of exactly 10 MiB passes, and one byte more is 413', async () => {
    expect((await postSql(database, bodyOf(LIMIT))).status).toBe(200)
    const refused = await postSql(database, bodyOf(LIMIT + 1))
    expect([refused.status, refused.body.message]).toEqual([413, 'request is too large (max is 10485760 bytes)'])
  })

  it('over the limit shows in the driver as a server error without a code', async () => {
    const sql = neon(database.databaseUrl)
    await expect(sql`SELECT length(${'x'.repeat(LIMIT)})`).rejects.toThrow(/HTTP status 413/)
  })

  it.each([
    ['no JSON', '{"query": '],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['no statement', '{"params": []}'],
    ['no object', '["SELECT 1"]'],
    ['a query that is no text', '{"query": 1}'],
    ['parameters that are no list', '{"query": "SELECT 1", "params": {}}'],
    ['a batch of texts', '{"queries": ["SELECT 1"]}'],
    ['a statement with U+0000', '{"query": "SELECT 1 \\u0000"}'],
    ['more parameters than the protocol counts', JSON.stringify({ query: 'SELECT 1', params: new Array(65_536).fill(null) })],
  ])('with %s is 400', async (_what, body) => {
    const { status, body: answer } = await postSql(database, body)
    expect(status).toBe(400)
    expect(answer).toMatchObject({ code: '', detail: null, message: expect.any(String) })
  })

  it.each([
    ['none', ''],
    ['another scheme', 'mysql://a:b@host/db'],
    ['no password', 'postgresql://a@host/db'],
    ['no database', 'postgresql://a:b@host/'],
  ])('with a connection string that has %s is 400', async (_what, databaseUrl) => {
    expect((await postSql({ ...database, databaseUrl }, { query: 'SELECT 1' })).status).toBe(400)
  })

  it('with another method or path is 400', async () => {
    expect((await fetch(database.fetchEndpoint)).status).toBe(400)
    expect((await fetch(`${database.fetchEndpoint}x`, { method: 'POST', body: '{}' })).status).toBe(400)
  })
})

describe('an answer', () => {
  it('just under 10 MiB passes, quotes counted as they are escaped', async () => {
    const query = 'SELECT repeat($1, $2::int)'
    expect((await postSql(database, { query, params: ['x', LIMIT - 1000] })).status).toBe(200)
    expect((await postSql(database, { query, params: ['"', LIMIT / 2 - 1000] })).status).toBe(200)
    expect((await postSql(database, { query, params: ['"', LIMIT / 2] })).status).toBe(507)
  })

  it('over 10 MiB is 507, in one row or in many, and the gateway goes on', async () => {
    await postSql(database, { query: 'CREATE TABLE kept (a int)' })
    expect((await postSql(database, { query: ROW })).status).toBe(507)
    const many = await postSql(database, { query: "SELECT repeat('y', 1000), generate_series(1, 100000000)" })
    expect([many.status, many.body.message]).toEqual([507, 'response is too large (max is 10485760 bytes)'])
    expect((await postSql(database, { query: 'SELECT 1' })).body.rows).toEqual([['1']])
  })
})
