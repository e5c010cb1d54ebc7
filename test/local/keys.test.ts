import { execFile } from 'node:child_process'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashSecret, parseKey } from '../../src/security/api-key.ts'
import { commandsIn } from '../support/audit.ts'
import { createKey, keyDirectoryOf } from '../support/keys.ts'
import { startTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { loginWith } from '../support/roles.ts'

describe('npm run keys', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await startTestDatabase()
  })
  afterAll(() => database?.stop())

  function run(parameters: string[], databaseUrl = database.databaseUrl) {
    const env = { ...process.env, DATABASE_URL: databaseUrl }
    return new Promise<{ code: number; out: string; err: string }>((resolve) => {
      execFile(process.execPath, ['src/local/keys.ts', ...parameters], { env }, (error, out, err) =>
        resolve({ code: error ? 1 : 0, out, err }),
      )
    })
  }

  it('makes a key, which is all that it writes to its output, lists it without its secret, and revokes it', async () => {
    const scopes = 'events:read, events:write'
    const made = await run(['create', '--tenant', 'acme', '--scopes', scopes, '--expires', '2099-01-31', '--name', 'crawler'])
    expect(made).toMatchObject({ code: 0, err: expect.stringContaining('shown this once') })
    const key = parseKey(made.out.trim())
    expect(made.out).toMatch(/^evs_\w+\n$/)
    const stored = await keyDirectoryOf(database).find(key?.key_id ?? '')
    expect(stored).toMatchObject({
      tenant: 'acme',
      scopes: ['events:read', 'events:write'],
      application_name: 'crawler',
      created_by: 'command',
      expires_at: '2099-01-31T00:00:00.000Z',
      secret_hash: await hashSecret(key?.secret ?? ''),
    })

    const listed = await run(['list', '--tenant', 'acme'])
    expect(listed.out).toContain(`${key?.key_id}  events:read,events:write  crawler`)
    expect(listed.out).not.toContain(key?.secret)
    expect((await run(['list', '--tenant', 'globex'])).out).toBe('')

    expect((await run(['revoke', '--tenant', 'globex', '--key-id', key?.key_id ?? ''])).code).toBe(1)
    expect((await run(['revoke', '--tenant', 'acme', '--key-id', key?.key_id ?? ''])).out).toContain('revoked 2')
    expect(await keyDirectoryOf(database).find(key?.key_id ?? '')).toMatchObject({ revoked_at: expect.stringMatching(/Z$/) })
  })

  it('lists every key of a tenant that has very many', async () => {
    const client = new pg.Client({ connectionString: database.databaseUrl })
    await client.connect()
    await client.query(`INSERT INTO api_keys (key_id, tenant_id, secret_hash, scopes, created_by)
      SELECT 'many-' || n, 'many', repeat('0', 64), '{admin}', 'command' FROM generate_series(1, 2001) AS n`)
    await client.end()
    const { out, err } = await run(['list', '--tenant', 'many'])
    expect([new Set(out.match(/^many-\d+/gm)).size, err]).toEqual([2_001, ''])
  })

  it('shows a name that would write over its terminal as it is', async () => {
    await createKey(database, 'unseen', ['admin'], { application_name: '\u001b[2J\r\u009b31m\u202eevil' })
    const { out } = await run(['list', '--tenant', 'unseen'])
    expect(out).toContain('\\u001b[2J\\u000d\\u009b31m\\u202eevil')
    expect(out.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  it('puts what it changed into the audit log, with the rights of the Worker, and changes nothing without', async () => {
    const url = await loginWith(database.databaseUrl, 'of_the_worker', ['event_store_worker'])
    const made = await run(['create', '--tenant', 'audited', '--scopes', 'admin'], url)
    const { key_id } = parseKey(made.out.trim()) ?? { key_id: '' }
    expect((await run(['revoke', '--tenant', 'audited', '--key-id', 'unknown'], url)).code).toBe(1)
    expect((await run(['revoke', '--tenant', 'audited', '--key-id', key_id], url)).code).toBe(0)
    const entry = { tenant_id: 'audited', subject: 'role:of_the_worker', resource: { key_id }, outcome: 'ok' }
    const entries = (await commandsIn(database.databaseUrl)).filter((one) => 'tenant_id' in one && one.tenant_id === 'audited')
    expect(entries).toEqual([
      { ...entry, operation: 'npm run keys create' },
      { ...entry, operation: 'npm run keys revoke' },
    ])
    const owner = new pg.Client({ connectionString: database.databaseUrl })
    await owner.connect()
    await owner.query('ALTER TABLE audit ADD CONSTRAINT none CHECK (false) NOT VALID')
    expect((await run(['create', '--tenant', 'audited', '--scopes', 'admin'], url)).code).toBe(1)
    await owner.query('ALTER TABLE audit DROP CONSTRAINT none')
    await owner.end()
    expect((await keyDirectoryOf(database).list('audited', { limit: 10 })).items).toHaveLength(1)
  })

  it.each([
    ['nothing to do', [], 'create, list or revoke'],
    ['no tenant', ['create', '--scopes', 'admin'], '--tenant'],
    ['no scopes', ['create', '--tenant', 'acme'], '--scopes'],
    ['an unknown scope', ['create', '--tenant', 'acme', '--scopes', 'all'], 'is no scope'],
    [
      'a time that has passed',
      ['create', '--tenant', 'acme', '--scopes', 'admin', '--expires', '2020-01-01'],
      '--expires has passed',
    ],
    ['no key to revoke', ['revoke', '--tenant', 'acme'], '--key-id'],
    ['an unknown flag', ['list', '--tenant', 'acme', '--all'], '--all'],
  ])('says what is wrong with %s, and changes nothing', async (_, parameters, message) => {
    const { code, out, err } = await run(parameters)
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(message)
    expect(err).toContain('usage: npm run keys')
    expect(err).not.toContain('    at ')
  })

  it('asks for the database', async () => {
    expect((await run(['list', '--tenant', 'acme'], '')).err).toContain('set DATABASE_URL')
  })
})
