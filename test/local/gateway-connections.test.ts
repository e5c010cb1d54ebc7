import { connect } from 'node:net'
import { neon, neonConfig } from '@neondatabase/serverless'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Gateway, startGateway } from '../../src/local/gateway.ts'
import { startTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { postSql } from '../support/sql-over-http.ts'

let database: TestDatabase
let admin: pg.Client
let gateway: Gateway
let sql: ReturnType<typeof neon<false, false>>

beforeAll(async () => {
  database = await startTestDatabase()
  admin = new pg.Client({ connectionString: database.databaseUrl, application_name: 'admin' })
  await admin.connect()
  await admin.query("CREATE ROLE reader LOGIN PASSWORD 'a/b@c'; GRANT CREATE ON SCHEMA public TO reader")
}, 60_000)
afterAll(async () => {
  await admin?.end()
  await database?.stop()
})
beforeEach(async () => {
  gateway = await startGateway({ databaseUrl: database.databaseUrl, maxConnections: 1 })
  neonConfig.fetchEndpoint = gateway.url
  sql = neon(database.databaseUrl)
})
afterEach(() => gateway.close())

async function backends(where: string): Promise<number> {
  const { rows } = await admin.query(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND ${where}`,
  )
  return rows[0].n
}

function urlOf(user: string, password: string, name = 'events'): string {
  const url = new URL(database.databaseUrl)
  url.username = user
  url.password = encodeURIComponent(password)
  url.pathname = name
  return url.href
}

describe('a connection comes back clean', () => {
  it.each([
    ['an open transaction', 'BEGIN ISOLATION LEVEL SERIALIZABLE', 'SHOW transaction_isolation', 'read committed'],
    ['a setting', "SET work_mem = '77MB'", "SELECT (current_setting('work_mem') <> '77MB')::text", 'true'],
    ['a role', 'SET ROLE reader', 'SELECT current_user::text', 'postgres'],
    ['a prepared statement', 'PREPARE left_behind AS SELECT 1', 'SELECT count(*)::text FROM pg_prepared_statements', '0'],
    ['an advisory lock', 'SELECT pg_advisory_lock(7)', "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory'", '0'],
    [
      'a temporary table',
      'CREATE TEMP TABLE left_behind (a int)',
      "SELECT coalesce(to_regclass('left_behind')::text, 'gone')",
      'gone',
    ],
  ])('after %s', async (_what, leave, look, expected) => {
    await sql.query(leave)
    const [row] = await sql.query(look, [], { arrayMode: true })
    expect(row).toEqual([expected])
  })

  it.each([
    [
      'a cursor',
      'DECLARE left_behind CURSOR WITH HOLD FOR SELECT 1',
      "SELECT count(*)::text FROM pg_cursors WHERE name = 'left_behind'",
      '0',
    ],
    ['listening', 'LISTEN left_behind', 'SELECT count(*)::text FROM pg_listening_channels()', '0'],
    ['a session of another role', 'SET SESSION AUTHORIZATION reader', 'SELECT session_user::text', 'postgres'],
  ])('after %s, too', async (_what, leave, look, expected) => {
    await sql.query(leave)
    const [row] = await sql.query(look, [], { arrayMode: true })
    expect(row).toEqual([expected])
  })

  it('with the plans of its functions', async () => {
    const page = () => sql`SELECT * FROM events_with_id('t', 'e', 1, 1)`
    await page()
    const locked = sql`SELECT DISTINCT coalesce(i.inhparent, l.relation)::regclass::text AS name
      FROM pg_locks AS l LEFT JOIN pg_inherits AS i ON i.inhrelid = l.relation
      WHERE l.pid = pg_backend_pid() AND l.relation::regclass::text LIKE 'events%' ORDER BY name`
    const [, locks] = await sql.transaction([page(), locked])
    // Whoever makes a plan locks every index; whoever has one, those that it reads.
    expect(locks).toEqual([{ name: 'events' }, { name: 'events_pkey' }])
  })

  it('after an error in a transaction that the caller had opened', async () => {
    await expect(sql`SELECT 1 / 0`).rejects.toMatchObject({ code: '22012' })
    await sql`BEGIN`
    expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }])
    expect(await backends("state LIKE 'idle in transaction%'")).toBe(0)
  })

  it.each([
    ['a statement', () => sql`SELECT 1 / 0`],
    ['a batch', () => sql.transaction([sql`SELECT 1`, sql`SELECT 1 / 0`])],
    ['a commit', () => sql.transaction([sql`INSERT INTO deferred VALUES (1), (1)`])],
  ])('and is kept when %s fails', async (_what, fail) => {
    await sql`CREATE TABLE IF NOT EXISTS deferred (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)`
    const before = await sql`SELECT pg_backend_pid() AS pid`
    await expect(fail()).rejects.toMatchObject({ code: expect.stringMatching(/^2/) })
    expect(await sql`SELECT pg_backend_pid() AS pid`).toEqual(before)
  })
})

describe('the connection string of a request', () => {
  it('decides the role, with a password that needs escaping', async () => {
    const { body } = await postSql(
      { fetchEndpoint: gateway.url, databaseUrl: urlOf('reader', 'a/b@c') },
      { query: 'SELECT current_user' },
    )
    expect(body.rows).toEqual([['reader']])
    expect(await sql`SELECT current_user AS u`).toEqual([{ u: 'postgres' }])
  })

  it('with a wrong password is 400, and without a code, as in Neon', async () => {
    const { status, body } = await postSql(
      { fetchEndpoint: gateway.url, databaseUrl: urlOf('reader', 'wrong') },
      { query: 'SELECT 1' },
    )
    expect([status, body.code, body.message]).toEqual([400, '', "password authentication failed for user 'reader'"])
  })

  it('with a database that does not exist is 500, naming it', async () => {
    const databaseUrl = urlOf('reader', 'a/b@c', 'nowhere')
    const { status, body } = await postSql({ fetchEndpoint: gateway.url, databaseUrl }, { query: 'SELECT 1' })
    expect([status, body.code, body.message]).toEqual([500, '3D000', 'database "nowhere" does not exist'])
  })

  it('gives the session its application_name', async () => {
    const databaseUrl = `${database.databaseUrl}?application_name=mine`
    const { body } = await postSql({ fetchEndpoint: gateway.url, databaseUrl }, { query: 'SHOW application_name' })
    expect(body.rows).toEqual([['mine']])
  })
})

describe('the pool', () => {
  it('never opens more connections than allowed, and serves every request', async () => {
    const requests = Array.from({ length: 20 }, (_, at) => sql`SELECT ${at}::int AS at, pg_sleep(0.01), pg_backend_pid() AS pid`)
    const answers = (await Promise.all(requests)) as unknown as { at: number; pid: number }[][]
    expect(answers.map(([row]) => row?.at)).toEqual(Array.from({ length: 20 }, (_, at) => at))
    expect(new Set(answers.map(([row]) => row?.pid)).size).toBe(1)
  })

  it('closes an idle connection of one role when another role needs the place', async () => {
    await sql`SELECT 1`
    const other = postSql({ fetchEndpoint: gateway.url, databaseUrl: urlOf('reader', 'a/b@c') }, { query: 'SELECT 1' })
    expect((await other).status).toBe(200)
    await vi.waitFor(async () => expect(await backends("application_name <> 'admin' AND usename = 'postgres'")).toBe(0))
  })

  it('leaves no connection behind when the gateway closes', async () => {
    await sql`SELECT 1`
    await gateway.close()
    await vi.waitFor(async () => expect(await backends("application_name <> 'admin'")).toBe(0))
  })
})

describe('a client that goes away', () => {
  it('has its statement cancelled, and the next one is served', async () => {
    const leave = new AbortController()
    const slow = sql
      .query('SELECT pg_sleep(600)', [], { fetchOptions: { signal: leave.signal } })
      .catch((error: unknown) => error)
    await vi.waitFor(async () => expect(await backends("query LIKE '%pg_sleep(600)%' AND state = 'active'")).toBe(1))
    leave.abort()
    expect(await slow).toBeInstanceOf(Error)
    await vi.waitFor(async () => expect(await backends("query LIKE '%pg_sleep(600)%' AND state = 'active'")).toBe(0))
    expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }])
  })

  it('while it waits for a connection does not use one up', async () => {
    const slow = Promise.all([sql`SELECT pg_sleep(0.3)`])
    await vi.waitFor(async () => expect(await backends("query LIKE '%pg_sleep(0.3)%' AND state = 'active'")).toBe(1))
    const leave = new AbortController()
    const waiting = sql.query('CREATE TABLE never (a int)', [], { fetchOptions: { signal: leave.signal } }).catch(() => 'left')
    setTimeout(() => leave.abort(), 100)
    expect(await waiting).toBe('left')
    await slow
    expect(await sql`SELECT to_regclass('never') AS t`).toEqual([{ t: null }])
  })

  it('in the middle of its request, or after a malformed one, does not stop the gateway', async () => {
    for (const text of ['POST /sql HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"query"', 'nonsense\r\n\r\n']) {
      const socket = connect(gateway.port, '127.0.0.1')
      await new Promise((resolve) => socket.write(text, resolve))
      socket.resetAndDestroy()
    }
    expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }])
  })
})
