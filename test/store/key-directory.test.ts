import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLogins } from '../../src/local/postgres-logins.ts'
import type { KeyDirectory, NewApiKey } from '../../src/model/api-keys.ts'
import { generateKey } from '../../src/security/api-key.ts'
import { InMemoryKeyDirectory } from '../../src/store/in-memory/key-directory.ts'
import { createPostgresKeyDirectory } from '../../src/store/postgres/api-keys/directory.ts'
import { connect } from '../../src/store/postgres/connection.ts'
import { startTestDatabase, type TestDatabase } from '../support/postgres.ts'

/** With the rights of the Worker. */
async function openPostgres(): Promise<{ keys: KeyDirectory; close(): Promise<void> }> {
  const database: TestDatabase = await startTestDatabase()
  const { worker } = await createLogins(database.databaseUrl)
  const connection = connect({ databaseUrl: worker, fetchEndpoint: database.fetchEndpoint })
  return { keys: createPostgresKeyDirectory(connection), close: () => database.stop() }
}

const openInMemory = async () => ({ keys: new InMemoryKeyDirectory(), close: async () => undefined })

async function newKey(tenant: string, more: Partial<NewApiKey> = {}): Promise<NewApiKey> {
  const { key_id, secret_hash } = await generateKey()
  const none = { application_name: null, expires_at: null }
  return { key_id, tenant, secret_hash, scopes: ['events:read'], created_by: 'command', ...none, ...more }
}

describe.each([
  ['Postgres', openPostgres],
  ['memory', openInMemory],
])('the directory of keys in %s', (_, open) => {
  let keys: KeyDirectory
  let close: () => Promise<void>

  beforeAll(async () => {
    ;({ keys, close } = await open())
  })
  afterAll(() => close?.())

  it('has no key at first that could be used, nor an expired or revoked one', async () => {
    expect(await keys.anyUsable()).toBe(false)
    await keys.create(await newKey('t0', { expires_at: '2020-01-01T00:00:00Z' }))
    const { key_id } = await keys.create(await newKey('t0'))
    expect(await keys.anyUsable()).toBe(true)
    await keys.revoke('t0', key_id)
    expect(await keys.anyUsable()).toBe(false)
  })

  it('finds a key as it was made, by its id', async () => {
    const key = await newKey('t1', {
      scopes: ['events:write', 'admin'],
      application_name: `O'Brien, "{x}"`,
      expires_at: '2099-01-31T12:00:00.000Z',
      created_by: 'key:abc',
    })
    const info = await keys.create(key)
    const { tenant: _, secret_hash: __, ...shown } = key
    const times = { created_at: expect.stringMatching(/^\d{4}-.*Z$/), last_used_at: null, revoked_at: null }
    expect(info).toEqual({ ...shown, ...times })
    expect(await keys.find(key.key_id)).toEqual({ ...key, ...times })
    expect(await keys.find('no such key')).toBeNull()
  })

  it('makes a key once, however often that is repeated', async () => {
    const key = await newKey('t2')
    const first = await keys.create(key)
    expect(await keys.create(key)).toEqual(first)
    expect((await keys.list('t2', { limit: 10 })).items.length).toBe(1)
  })

  it('never gives the id of one key to another', async () => {
    const key = await newKey('t3')
    await keys.create(key)
    await expect(keys.create({ ...key, secret_hash: '0'.repeat(64), tenant: 'other' })).rejects.toThrow('taken')
    expect(await keys.find(key.key_id)).toMatchObject({ tenant: 't3', secret_hash: key.secret_hash })
  })

  it("lists a tenant's keys in the order of their making, page by page, without their hashes", async () => {
    const made = []
    for (let i = 0; i < 5; i += 1) {
      made.push((await keys.create(await newKey('t4'))).key_id)
      await keys.create(await newKey('t5'))
    }
    const first = await keys.list('t4', { limit: 3 })
    const second = await keys.list('t4', { limit: 3, after: first.items.at(-1)?.cursor })
    expect([...first.items, ...second.items].map(({ key_id }) => key_id)).toEqual(made)
    expect([first.more, second.more]).toEqual([true, false])
    expect(JSON.stringify([first, second])).not.toMatch(/hash|[0-9a-f]{64}/)
  })

  it("revokes a tenant's own key only, and once", async () => {
    const { key_id } = await keys.create(await newKey('t6'))
    expect(await keys.revoke('other', key_id)).toBeNull()
    expect(await keys.find(key_id)).toMatchObject({ revoked_at: null })
    const revoked = await keys.revoke('t6', key_id)
    expect(revoked?.revoked_at).toMatch(/Z$/)
    expect(await keys.revoke('t6', key_id)).toEqual(revoked)
    expect(await keys.find(key_id)).toMatchObject({ revoked_at: revoked?.revoked_at })
    expect(await keys.revoke('t6', 'no such key')).toBeNull()
  })

  it('notes the last use, to the minute', async () => {
    const { key_id } = await keys.create(await newKey('t7'))
    const at = Date.UTC(2026, 0, 31, 12, 0, 0, 123)
    const used = async () => (await keys.find(key_id))?.last_used_at
    await keys.touch(key_id, at)
    expect(await used()).toBe('2026-01-31T12:00:00.123Z')
    await keys.touch(key_id, at + 59_000)
    await keys.touch(key_id, at - 500_000)
    expect(await used()).toBe('2026-01-31T12:00:00.123Z')
    await keys.touch(key_id, at + 61_000)
    expect(await used()).toBe('2026-01-31T12:01:01.123Z')
    await keys.touch('no such key', at)
  })
})
