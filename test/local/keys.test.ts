import { execFile } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '../../src/local/migrate.ts'
import { hashSecret, parseKey } from '../../src/security/api-key.ts'
import { keyDirectoryOf } from '../support/keys.ts'
import { startTestDatabase, type TestDatabase } from '../support/postgres.ts'

describe('npm run keys', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await startTestDatabase()
    await migrate({ databaseUrl: database.databaseUrl })
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
