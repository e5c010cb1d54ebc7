import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MigrationMismatchError, migrate } from '../../src/local/migrate.ts'
import { startEmptyDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let client: pg.Client
let directory: string

beforeAll(async () => {
  database = await startEmptyDatabase()
}, 60_000)
afterAll(() => database?.stop())

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'migrations-'))
  client = new pg.Client(database.databaseUrl)
  await client.connect()
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
})
afterEach(async () => {
  await client.end()
  rmSync(directory, { recursive: true })
})

const write = (name: string, text: string) => writeFileSync(join(directory, name), text)
const run = () => migrate({ databaseUrl: database.databaseUrl, directory })
const exists = async (table: string) => (await client.query('SELECT to_regclass($1) IS NOT NULL AS yes', [table])).rows[0].yes

describe('migrate', () => {
  it('applies the files in the order of their names, and each of them once', async () => {
    write('0002_fill.sql', 'INSERT INTO first VALUES (1);')
    write('0001_first.sql', 'CREATE TABLE first (a int);\n-- two statements in one file\nCREATE INDEX ON first (a);')
    write('notes.txt', 'this is no SQL')
    expect(await run()).toEqual(['0001_first.sql', '0002_fill.sql'])
    write('0003_more.sql', 'INSERT INTO first VALUES (2)')
    expect(await run()).toEqual(['0003_more.sql'])
    expect(await run()).toEqual([])
    expect((await client.query('SELECT a FROM first ORDER BY a')).rows).toEqual([{ a: 1 }, { a: 2 }])
    const { rows } = await client.query('SELECT name, length(checksum) AS n, applied_at FROM schema_migrations ORDER BY name')
    expect(rows.map(({ name, n }) => [name, n])).toEqual(
      ['0001_first.sql', '0002_fill.sql', '0003_more.sql'].map((name) => [name, 64]),
    )
    expect(rows.every(({ applied_at }) => applied_at instanceof Date)).toBe(true)
  })

  it('refuses an applied file that was changed, and applies nothing', async () => {
    write('0001_first.sql', 'CREATE TABLE first (a int)')
    await run()
    write('0001_first.sql', 'CREATE TABLE first (a int, b int)')
    write('0002_second.sql', 'CREATE TABLE second (a int)')
    await expect(run()).rejects.toThrow(MigrationMismatchError)
    await expect(run()).rejects.toThrow('0001_first.sql was changed')
    expect(await exists('second')).toBe(false)
  })

  it('refuses when an applied file is missing', async () => {
    write('0001_first.sql', 'CREATE TABLE first (a int)')
    await run()
    rmSync(join(directory, '0001_first.sql'))
    await expect(run()).rejects.toThrow(/0001_first.sql .* is missing/)
  })

  it('takes a file with other line ends for the same', async () => {
    write('0001_first.sql', 'CREATE TABLE first (\na int)')
    await run()
    write('0001_first.sql', 'CREATE TABLE first (\r\na int)')
    expect(await run()).toEqual([])
  })

  it('leaves nothing of a file that fails, keeps those before it, and says where it failed', async () => {
    write('0001_first.sql', 'CREATE TABLE first (a int)')
    write('0002_second.sql', 'CREATE TABLE second (a int);\n\nSELECT nothing;')
    write('0003_third.sql', 'CREATE TABLE third (a int)')
    await expect(run()).rejects.toThrow(
      '0002_second.sql failed, and nothing of it was applied: column "nothing" does not exist (line 3)',
    )
    expect([await exists('first'), await exists('second'), await exists('third')]).toEqual([true, false, false])
    write('0002_second.sql', 'CREATE TABLE second (a int)')
    expect(await run()).toEqual(['0002_second.sql', '0003_third.sql'])
  })

  it('applies each file once when several run at the same time', async () => {
    write('0001_slow.sql', 'CREATE TABLE slow (a int); SELECT pg_sleep(0.2)')
    write('0002_fill.sql', 'INSERT INTO slow VALUES (1)')
    const applied = await Promise.all(Array.from({ length: 5 }, run))
    expect(applied.flat().sort()).toEqual(['0001_slow.sql', '0002_fill.sql'])
    expect((await client.query('SELECT count(*)::int AS n FROM slow')).rows).toEqual([{ n: 1 }])
  })

  it('releases its lock: a later migrator does not wait for an earlier one', async () => {
    await run()
    expect((await client.query("SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory'")).rows).toEqual([{ n: 0 }])
  })
})

describe('the command', () => {
  it('says when the database cannot be reached, without repeating the password', async () => {
    const env = { ...process.env, DATABASE_URL: 'postgresql://user:secret@127.0.0.1:1/events' }
    const failure = await promisify(execFile)(process.execPath, ['src/local/migrate.ts'], { env }).catch((error) => error)
    expect(failure.code).toBe(1)
    expect(failure.stderr).toMatch(/cannot connect to the database in DATABASE_URL: .*ECONNREFUSED/)
    expect(failure.stderr).not.toContain('secret')
  })

  it('without DATABASE_URL says what to set, and exits with 2', async () => {
    const env = { ...process.env, DATABASE_URL: '' }
    const failure = await promisify(execFile)(process.execPath, ['src/local/migrate.ts'], { env }).catch((error) => error)
    expect(failure.code).toBe(2)
    expect(failure.stderr).toContain('set DATABASE_URL')
  })
})
