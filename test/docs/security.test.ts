import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { CREDENTIAL_POLICY, REQUEST_POLICY } from '../../src/http/rate-limit.ts'
import { migrate } from '../../src/local/migrate.ts'
import { SCOPES } from '../../src/model/scopes.ts'
import * as operations from '../../src/protocol/operations.ts'
import { startEmptyDatabase } from '../support/postgres.ts'
import { codeBlocks, read, section, tableRows } from './markdown.ts'

const text = read('docs/security.md')

const sqlOf = (name: string) => codeBlocks(text).find(({ info }) => info === `sql ${name}`)?.code ?? `no SQL called ${name}`

interface Cluster {
  readonly admin: pg.Client
  open(user: string, password: string, name?: string): Promise<{ readonly client: pg.Client; readonly url: string }>
}

/** A server of its own, with connections that are closed afterwards. */
async function onCluster(run: (cluster: Cluster) => Promise<void>): Promise<void> {
  const database = await startEmptyDatabase()
  const clients: pg.Client[] = []
  const open = async (user: string, password: string, name = 'owned') => {
    const url = Object.assign(new URL(database.databaseUrl), { username: user, password, pathname: `/${name}` })
    const client = new pg.Client({ connectionString: url.href })
    client.on('error', () => undefined)
    await client.connect()
    clients.push(client)
    return { client, url: url.href }
  }
  try {
    const { username, password } = new URL(database.databaseUrl)
    const { client: admin } = await open(username, password, 'events')
    await run({ admin, open })
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)))
    await database.stop()
  }
}

describe('the page on security', () => {
  it('lists every scope with what it allows', () => {
    const rows = new Map(tableRows(section(text, '## The model')).map(([scope = '', allows = '']) => [scope, allows]))
    expect([...rows.keys()].sort()).toEqual(SCOPES.map((scope) => `\`${scope}\``).sort())
    for (const { method, path, scope } of Object.values(operations) as operations.Operation[]) {
      const named = rows.get(`\`${scope}\``) ?? ''
      if (scope === null) expect(text).toContain(`\`${path}\``)
      else if (scope === 'events:read' && method === 'GET') continue
      else expect(named, path).toContain(path.startsWith('/v1/keys') ? '/v1/keys' : `${method} ${path}`)
    }
  })

  it('names the form of every secret that the Worker has', () => {
    const secrets = tableRows(section(read('README.md'), '## Configuration')).filter(([, kind]) => kind === 'secret')
    expect(secrets.length).toBeGreaterThan(2)
    for (const [name = ''] of secrets) expect(section(text, '## Stored secrets')).toContain(`| ${name} `)
  })

  it('gives SQL that makes logins for the service, as an owner who is no superuser', async () => {
    await onCluster(async ({ open, admin }) => {
      await admin.query(`CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'p'`)
      await admin.query('CREATE DATABASE owned OWNER owner')
      const owner = await open('owner', 'p')
      await migrate({ databaseUrl: owner.url })
      await owner.client.query(sqlOf('roles'))
      const worker = await open('event_store_worker_login', '<password 1>')
      const maintenance = await open('event_store_maintenance_login', '<password 2>')
      expect((await worker.client.query('SELECT count(*) FROM events')).rows).toEqual([{ count: '0' }])
      await expect(worker.client.query(`SELECT clear_tenant('default', 1)`)).rejects.toThrow('permission denied')
      await maintenance.client.query(`SELECT clear_tenant('default', 1)`)
      await expect(maintenance.client.query('SELECT count(*) FROM events')).rejects.toThrow('permission denied')
    })
  })

  it('gives SQL with which an administrator makes the groups for an owner who may not, and another gets them', async () => {
    await onCluster(async ({ open, admin }) => {
      await admin.query(`CREATE ROLE owner LOGIN PASSWORD 'p'`)
      await admin.query('CREATE DATABASE owned OWNER owner')
      const owner = await open('owner', 'p')
      await expect(migrate({ databaseUrl: owner.url })).rejects.toThrow('CREATE ROLE event_store_worker NOLOGIN')
      await admin.query(sqlOf('groups').replaceAll('<owner>', 'owner'))
      await migrate({ databaseUrl: owner.url })
      await admin.query('ALTER ROLE owner CREATEROLE')
      await owner.client.query(sqlOf('roles'))
      expect(await open('event_store_worker_login', '<password 1>')).toBeDefined()
    })
  })

  it('gives SQL that keeps the logins of one database out of another', async () => {
    await onCluster(async ({ open, admin }) => {
      await admin.query(`CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'p'`)
      for (const name of ['owned', 'second']) {
        await admin.query(`CREATE DATABASE ${name} OWNER owner`)
        const { client, url } = await open('owner', 'p', name)
        await migrate({ databaseUrl: url })
        if (name === 'owned') await client.query(sqlOf('roles'))
        if (name === 'owned') await client.query(sqlOf('connect').replaceAll('<database>', 'owned'))
      }
      expect(await open('event_store_worker_login', '<password 1>')).toBeDefined()
      expect(await open('event_store_worker_login', '<password 1>', 'second')).toBeDefined()
      const { client } = await open('owner', 'p', 'second')
      await client.query('REVOKE CONNECT ON DATABASE second FROM PUBLIC')
      await expect(open('event_store_worker_login', '<password 1>', 'second')).rejects.toThrow('permission denied for database')
      expect(await open('event_store_worker_login', '<password 1>')).toBeDefined()
    })
  })

  it('gives SQL that ends a login that others may know, in open sessions too', async () => {
    await onCluster(async ({ open, admin }) => {
      await admin.query(`CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'p'`)
      await admin.query('CREATE DATABASE owned OWNER owner')
      const owner = await open('owner', 'p')
      await migrate({ databaseUrl: owner.url })
      await owner.client.query(sqlOf('roles'))
      const worker = await open('event_store_worker_login', '<password 1>')
      await worker.client.query('SELECT lo_create(0)')
      await owner.client.query(sqlOf('incident'))
      await expect(worker.client.query('SELECT count(*) FROM events')).rejects.toThrow()
      await expect(open('event_store_worker_login', '<password 1>')).rejects.toThrow('authentication failed')
    })
  })
})

describe('the page on the HTTP API', () => {
  it('tells the rate limits as they are', () => {
    const limits = section(read('docs/http-api.md'), '## Rate limits')
    const { limit, seconds } = REQUEST_POLICY
    expect(limits).toContain(`${limit.toLocaleString('en-US')} requests within ${seconds} seconds`)
    expect(limits).toContain(`RateLimit-Policy: "requests";q=${limit};w=${seconds}`)
    expect(CREDENTIAL_POLICY.seconds).toBe(60)
    expect(limits).toContain(`${CREDENTIAL_POLICY.limit} credentials within a minute`)
  })
})
