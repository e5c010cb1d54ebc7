import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startGateway } from '../../src/local/gateway.ts'
import { startPostgres } from '../../src/local/postgres.ts'
import { postSql } from '../support/sql-over-http.ts'

it('answers 500 while the server is away, says so for a statement that it took along, and works again afterwards', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'event-store-outage-'))
  let postgres = await startPostgres({ dataDir, durable: false })
  const gateway = await startGateway({ databaseUrl: postgres.url })
  const ask = (query: string) => postSql({ fetchEndpoint: gateway.url, databaseUrl: postgres.url }, { query })
  try {
    expect((await ask('SELECT 1')).status).toBe(200)
    const interrupted = ask('SELECT pg_sleep(600)')
    await new Promise((resolve) => setTimeout(resolve, 200))
    await postgres.stop()
    const { status, body } = await interrupted
    expect([status, body.code]).toEqual([400, '57P01'])
    for (let at = 0; at < 3; at += 1) {
      const away = await ask('SELECT 1')
      expect([away.status, away.body.code]).toEqual([500, ''])
    }
    postgres = await startPostgres({ dataDir, durable: false, port: postgres.port })
    expect((await ask('SELECT 1')).body.rows).toEqual([['1']])
  } finally {
    await gateway.close()
    await postgres.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}, 60_000)
