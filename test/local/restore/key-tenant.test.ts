import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whyAnotherTenant } from '../../../src/local/restore/key-tenant.ts'
import { createKey } from '../../support/keys.ts'
import { startTestDatabase, type TestDatabase } from '../../support/postgres.ts'

describe('the tenant of a key', () => {
  let database: TestDatabase
  let key: string

  beforeAll(async () => {
    database = await startTestDatabase()
    key = await createKey(database, 'a/b', ['events:write'])
  })
  afterAll(() => database?.stop())

  it('is compared with the folder that stands for it in the archive', async () => {
    expect(await whyAnotherTenant('a=2Fb', key, database.databaseUrl)).toBeNull()
    expect(await whyAnotherTenant('other', key, database.databaseUrl)).toBe(
      'the files lie in the folder of the tenant other, and the key is of the tenant "a/b"',
    )
    expect(await whyAnotherTenant('default', undefined, undefined)).toBeNull()
  })

  it.each([
    ['the database is not named', () => key, () => undefined, 'set DATABASE_URL'],
    ['the database has not got it', () => `evs_${'k'.repeat(16)}_${'s'.repeat(43)}`, () => database.databaseUrl, 'does not have'],
    ['it is a token', () => 'eyJh.eyJz.c2ln', () => database.databaseUrl, 'of a token it cannot be told'],
  ])('is not told where %s', async (_, keyOf, urlOf, why) => {
    const problem = await whyAnotherTenant('default', keyOf(), urlOf())
    expect(problem).toContain(why)
    expect(problem).not.toContain(keyOf())
  })
})
