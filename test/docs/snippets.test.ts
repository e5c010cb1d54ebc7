import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { codeBlocks, ROOT, read } from './markdown.ts'

function snippet(path: string, info: string): string {
  const found = codeBlocks(read(path)).filter((block) => block.info === info)
  expect(found.length).toBe(1)
  return found[0]?.code ?? ''
}

describe('code in the documents', () => {
  let database: TestDatabase
  const folder = mkdtempSync(join(tmpdir(), 'event-store-snippet-'))

  beforeAll(async () => {
    database = await startTestDatabase()
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await database?.stop()
  })

  it('records and reads straight on Postgres', async () => {
    const file = join(folder, 'snippet.ts')
    writeFileSync(file, snippet('docs/operations.md', 'ts run').replaceAll("'./src/", `'${pathToFileURL(ROOT)}/src/`))
    const env = { ...process.env, DATABASE_URL: database.databaseUrl, NEON_FETCH_ENDPOINT: database.fetchEndpoint }
    const run = () => promisify(execFile)(process.execPath, [file], { env })
    expect((await run()).stdout.trim()).toBe('1 0 1')
    expect((await run()).stdout.trim()).toBe('0 1 1')
  })

  it('chooses a store by the environment', async () => {
    const file = join(folder, 'create.ts')
    writeFileSync(file, snippet('docs/operations.md', 'ts run create').replaceAll("'./src/", `'${pathToFileURL(ROOT)}/src/`))
    const run = (env: Record<string, string>) => promisify(execFile)(process.execPath, [file], { env })
    const settings = { DATABASE_URL: database.databaseUrl, NEON_FETCH_ENDPOINT: database.fetchEndpoint, TENANT: 'without-worker' }
    expect((await run({ ...settings, ENVIRONMENT: 'production' })).stdout.trim()).toBe('PostgresEventStore 1')
    expect((await run(settings)).stdout.trim()).toBe('InMemoryEventStore 0')
    await expect(run({ ENVIRONMENT: 'production' })).rejects.toThrow('EventStoreConfigurationError')
  })

  it('looks around with SQL', async () => {
    const client = new pg.Client({ connectionString: database.databaseUrl })
    await client.connect()
    try {
      const sql = snippet('docs/storage.md', 'sql run').replace("'default'", "'without-worker'")
      const { rows } = await client.query(sql)
      expect(rows).toEqual([{ conversation_id: 'conversation-1', seq: '1', event_type: 'ToolInvoke', input: [] }])
      const page = await client.query(snippet('docs/storage.md', 'sql page').replace("'default'", "'without-worker'"))
      expect(page.rows).toEqual([{ seq: '1', event: expect.stringContaining('"event-1"'), more: false }])
    } finally {
      await client.end()
    }
  })
})
