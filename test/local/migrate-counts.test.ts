import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '../../src/local/migrate.ts'
import { startEmptyDatabase, type TestDatabase } from '../support/postgres.ts'

const MIGRATIONS = join(import.meta.dirname, '../../migrations')
const earlier = mkdtempSync(join(tmpdir(), 'event-store-migrations-'))

let database: TestDatabase
let sql: pg.Client

beforeAll(async () => {
  for (const name of readdirSync(MIGRATIONS)) if (name < '0020') cpSync(join(MIGRATIONS, name), join(earlier, name))
  database = await startEmptyDatabase()
  await migrate({ databaseUrl: database.databaseUrl, directory: earlier })
  sql = new pg.Client({ connectionString: database.databaseUrl })
  await sql.connect()
})
afterAll(async () => {
  await sql?.end()
  await database?.stop()
  rmSync(earlier, { recursive: true, force: true })
})

function append(first: number, count: number) {
  const batches = [{ tenant: 't', conversation_id: 'c', segments: [{ first_seq: first, count, recorded_at: 1768471200000 }] }]
  const numbers = Array.from({ length: count }, (_, n) => first + n)
  const heads = numbers.map((n) => ({
    event_id: `e${n}`,
    event_type: n % 2 === 1 ? 'AssistantInvoke' : 'AssistantFailed',
    assistant_request_id: 'r',
    timestamp: '1999-01-15T10:00:00Z',
  }))
  return sql.query('SELECT append_events($1, $2, $3)', [
    JSON.stringify(batches),
    JSON.stringify(heads),
    `[${numbers.map(() => '{}')}]`,
  ])
}

describe('the migration that begins to count events', () => {
  it('counts those that there are, and an append that waits for it counts its own once', async () => {
    await append(1, 3)
    expect((await sql.query('SELECT FROM activity')).rowCount).toBe(0)
    const writer = new pg.Client({ connectionString: database.databaseUrl })
    await writer.connect()
    await writer.query('BEGIN')
    await writer.query(`INSERT INTO events (tenant_id, event_id, conversation_id, seq, event_type, timestamp, recorded_at, event)
      VALUES ('t', 'under way', 'c', 4, 'Own', '1999-01-15T10:00:00Z', now(), '{}')`)
    const migrating = migrate({ databaseUrl: database.databaseUrl })
    const waits = async () =>
      (await sql.query(`SELECT FROM pg_locks WHERE relation = 'events'::regclass AND NOT granted`)).rowCount ?? 0
    await expect.poll(waits).toBe(1)
    const appending = append(5, 2)
    await writer.query('COMMIT')
    await writer.end()
    await migrating
    await appending
    expect((await sql.query('SELECT events, failures FROM activity')).rows).toEqual([{ events: '6', failures: '2' }])
    const requests = await sql.query('SELECT events, failures, open_assistants, unfinished FROM assistant_requests')
    expect(requests.rows).toEqual([{ events: '5', failures: '2', open_assistants: '1', unfinished: true }])
    const runs = await sql.query('SELECT ended_at IS NULL AS open FROM assistant_runs ORDER BY position')
    expect(runs.rows.map(({ open }) => open)).toEqual([false, false, true])
  })
})
