import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { CREDENTIAL_POLICY, REQUEST_POLICY } from '../../src/http/rate-limit.ts'
import { migrate } from '../../src/local/migrate.ts'
import { SCOPES } from '../../src/model/scopes.ts'
import * as operations from '../../src/protocol/operations.ts'
import { startTestDatabase } from '../support/postgres.ts'
import { codeBlocks, read, section, tableRows } from './markdown.ts'

const text = read('docs/security.md')

describe('the page on security', () => {
  it('lists every scope with what it allows', () => {
    const rows = new Map(tableRows(section(text, '## The model')).map(([scope = '', allows = '']) => [scope, allows]))
    expect([...rows.keys()].sort()).toEqual(SCOPES.map((scope) => `\`${scope}\``).sort())
    for (const { method, path, scope } of Object.values(operations) as operations.Operation[]) {
      const named = rows.get(`\`${scope}\``) ?? ''
      if (scope === null) expect(text).toContain(`\`${path}\``)
      else if (scope === 'events:read') expect(method).toBe('GET')
      else expect(named, path).toContain(path.startsWith('/v1/keys') ? '/v1/keys' : `${method} ${path}`)
    }
  })

  it('names the form of every secret that the Worker has', () => {
    const secrets = tableRows(section(read('README.md'), '## Configuration')).filter(([, kind]) => kind === 'secret')
    expect(secrets.length).toBeGreaterThan(2)
    for (const [name = ''] of secrets) expect(section(text, '## Stored secrets')).toContain(`| ${name} `)
  })

  it('gives SQL that makes logins for the service, as an owner who is no superuser', async () => {
    const database = await startTestDatabase()
    const clients: pg.Client[] = []
    const open = async (user: string, password: string, name = 'owned') => {
      const url = Object.assign(new URL(database.databaseUrl), { username: user, password, pathname: `/${name}` })
      const client = new pg.Client({ connectionString: url.href })
      await client.connect()
      clients.push(client)
      return { client, url: url.href }
    }
    try {
      const { username, password } = new URL(database.databaseUrl)
      const { client: admin } = await open(username, password, 'events')
      await admin.query(`CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'p'`)
      await admin.query('CREATE DATABASE owned OWNER owner')
      const owner = await open('owner', 'p')
      await migrate({ databaseUrl: owner.url })
      const [block] = codeBlocks(text).filter(({ info }) => info === 'sql roles')
      await owner.client.query(block?.code ?? '')
      const worker = await open('event_store_worker_login', '<password 1>')
      const maintenance = await open('event_store_maintenance_login', '<password 2>')
      expect((await worker.client.query('SELECT count(*) FROM events')).rows).toEqual([{ count: '0' }])
      await expect(worker.client.query(`SELECT clear_tenant('default', 1)`)).rejects.toThrow('permission denied')
      await maintenance.client.query(`SELECT clear_tenant('default', 1)`)
      await expect(maintenance.client.query('SELECT count(*) FROM events')).rejects.toThrow('permission denied')
    } finally {
      await Promise.all(clients.map((client) => client.end()))
      await database.stop()
    }
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
