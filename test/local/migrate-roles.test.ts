import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '../../src/local/migrate.ts'
import { startEmptyDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let admin: pg.Client

beforeAll(async () => {
  database = await startEmptyDatabase()
  admin = await open(database.databaseUrl)
})
afterAll(async () => {
  await admin?.end()
  await database?.stop()
})

async function open(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  return client
}

/** The connection string of a new role without superuser's rights, which owns a new database. */
async function newOwner(name: string, attributes: string): Promise<string> {
  await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD 'secret' ${attributes}`)
  await admin.query(`CREATE DATABASE ${name} OWNER ${name}`)
  return urlOf(name, 'secret', name)
}

function urlOf(user: string, password: string, name: string): string {
  const url = new URL(database.databaseUrl)
  url.username = user
  url.password = password
  url.pathname = `/${name}`
  return url.href
}

describe('migrating without being superuser', () => {
  it('says what an administrator has to do when the owner may not create the roles', async () => {
    const databaseUrl = await newOwner('plain_owner', '')
    await expect(migrate({ databaseUrl })).rejects.toThrow(/event_store_worker is missing.*Let a role with CREATEROLE run/)
  })

  it('makes the roles, their logins and the grants as an owner with CREATEROLE, as on Neon', async () => {
    const databaseUrl = await newOwner('neon_owner', 'CREATEROLE')
    await migrate({ databaseUrl })
    const owner = await open(databaseUrl)
    await owner.query(`CREATE ROLE deployed LOGIN PASSWORD 'secret' IN ROLE event_store_worker`)
    const worker = await open(urlOf('deployed', 'secret', 'neon_owner'))
    try {
      expect((await worker.query('SELECT count(*) FROM events')).rows).toEqual([{ count: '0' }])
      await worker.query(`SELECT ensure_event_partitions('{2026-01-01}')`)
      await expect(worker.query('DELETE FROM events')).rejects.toThrow('permission denied')
    } finally {
      await worker.end()
      await owner.end()
    }
  })

  it('takes the roles that another database of the cluster has made, two at the same time included', async () => {
    const plain = urlOf('plain_owner', 'secret', 'plain_owner')
    const [second, third] = [await newOwner('second_owner', 'CREATEROLE'), await newOwner('third_owner', '')]
    await Promise.all([migrate({ databaseUrl: second }), migrate({ databaseUrl: third }), migrate({ databaseUrl: plain })])
    const { rows } = await admin.query(`SELECT count(*) FROM pg_roles WHERE rolname LIKE 'event_store%'`)
    expect(rows).toEqual([{ count: '2' }])
  })

  it('closes a schema that anyone may create in, as databases from old versions have it', async () => {
    const databaseUrl = await newOwner('old_owner', '')
    const client = await open(urlOf(new URL(database.databaseUrl).username, new URL(database.databaseUrl).password, 'old_owner'))
    try {
      await client.query('GRANT CREATE ON SCHEMA public TO PUBLIC')
      await migrate({ databaseUrl })
      const { rows } = await client.query(`SELECT has_schema_privilege('plain_owner', 'public', 'CREATE') AS open`)
      expect(rows).toEqual([{ open: false }])
    } finally {
      await client.end()
    }
  })
})
