import { execFile } from 'node:child_process'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate } from '../../src/local/migrate.ts'
import { startEmptyDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
/** An owner as Neon has one: no superuser, and allowed to make roles. */
let owner: string

beforeAll(async () => {
  database = await startEmptyDatabase()
  const admin = new pg.Client(database.databaseUrl)
  await admin.connect()
  await admin.query(`CREATE ROLE owner LOGIN PASSWORD 'secret' CREATEROLE`)
  await admin.query('CREATE DATABASE deployed OWNER owner')
  await admin.end()
  const url = new URL(database.databaseUrl)
  owner = Object.assign(url, { username: 'owner', password: 'secret', pathname: '/deployed' }).href
})
afterAll(() => database?.stop())

function run(databaseUrl: string): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, DATABASE_URL: databaseUrl }
  return new Promise((resolve) => {
    execFile(process.execPath, ['src/local/logins.ts'], { env }, (error, out, err) => resolve({ code: error ? 1 : 0, out, err }))
  })
}

async function query(connectionString: string, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

it('says what comes first, without a secret', async () => {
  expect(await run('')).toMatchObject({ code: 1, err: expect.stringContaining('set DATABASE_URL') })
  const early = await run(owner)
  expect(early).toMatchObject({ code: 1, out: '', err: expect.stringContaining('npm run db:migrate') })
  expect(early.err).not.toContain('secret@')
})

it("prints the Worker's two connection strings as secrets, which allow no more than they should, and new ones each time", async () => {
  await migrate({ databaseUrl: owner })
  const made = await run(owner)
  expect(made.code).toBe(0)
  const secrets = JSON.parse(made.out) as Record<string, string>
  expect(Object.keys(secrets)).toEqual(['DATABASE_URL', 'MAINTENANCE_DATABASE_URL'])
  const { DATABASE_URL: worker = '', MAINTENANCE_DATABASE_URL: maintenance = '' } = secrets
  expect(await query(worker, 'SELECT count(*) FROM events')).toEqual([{ count: '0' }])
  await expect(query(worker, 'DELETE FROM events')).rejects.toThrow('permission denied')
  await expect(query(maintenance, 'SELECT count(*) FROM events')).rejects.toThrow('permission denied')
  await expect(query(worker, `SELECT clear_tenant('default', 1)`)).rejects.toThrow('permission denied')

  const again = JSON.parse((await run(owner)).out) as Record<string, string>
  expect(await query(again.DATABASE_URL ?? '', 'SELECT count(*) FROM events')).toEqual([{ count: '0' }])
  await expect(query(worker, 'SELECT 1')).rejects.toThrow('password authentication failed')
})
