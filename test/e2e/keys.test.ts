import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateKey } from '../../src/security/api-key.ts'
import { eventText } from '../support/events.ts'
import { bearer, createKey, keyDirectoryOf, keyIdOf } from '../support/keys.ts'
import { type RestartableDatabase, startRestartableDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.ts'
import { waitFor } from '../support/wait-for.ts'

interface ApiKey {
  readonly key: string
  readonly key_id: string
  readonly last_used_at: string | null
  readonly revoked_at: string | null
}

let database: RestartableDatabase
let issuer: TokenIssuer
let service: TestService
let admin: string

beforeAll(async () => {
  database = await startRestartableDatabase()
  issuer = await startTokenIssuer()
  service = await startTestService({ history: database, vars: { ENVIRONMENT: 'production', ...issuer.vars } })
  admin = await createKey(database, 'acme', ['admin'])
})
afterAll(async () => {
  await service?.stop()
  await issuer?.close()
})

async function ask(credential: string, method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const sent = { ...bearer(credential), 'Content-Type': 'application/json', ...headers }
  const answer = await fetch(`${service.url}${path}`, { method, headers: sent, ...(body === undefined ? {} : { body }) })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, json: text === '' ? {} : JSON.parse(text) }
}

describe('API keys over HTTP', () => {
  it('are shown once, work at once, are listed without their secret, and are refused once they are revoked', async () => {
    const made = await ask(admin, 'POST', '/v1/keys', '{"scopes":["events:read","events:read"],"application_name":"crawler"}')
    expect(made.status).toBe(201)
    expect(made.headers.get('Cache-Control')).toBe('no-store')
    const { key, ...info } = made.json as ApiKey & Record<string, unknown>
    expect(info).toMatchObject({
      key_id: keyIdOf(key),
      scopes: ['events:read'],
      application_name: 'crawler',
      created_by: `key:${keyIdOf(admin)}`,
      expires_at: null,
      last_used_at: null,
      revoked_at: null,
    })
    expect((await ask(key, 'GET', '/v1/events')).status).toBe(200)
    const listed = await waitFor('a last use', 10, async () => {
      const { json, text } = await ask(admin, 'GET', '/v1/keys')
      expect(text).not.toContain(key.split('_')[2])
      expect(text).not.toMatch(/[0-9a-f]{64}/)
      return (json.items as ApiKey[]).find(({ key_id, last_used_at }) => key_id === info.key_id && last_used_at !== null) ?? null
    })
    expect(Math.abs(Date.parse(listed.last_used_at ?? '') - Date.now())).toBeLessThan(60_000)

    const revoked = await ask(admin, 'DELETE', `/v1/keys/${info.key_id}`)
    expect(revoked).toMatchObject({ status: 200, json: { key_id: info.key_id, revoked_at: expect.stringMatching(/Z$/) } })
    expect(await ask(key, 'GET', '/v1/events')).toMatchObject({ status: 401 })
    expect((await ask(admin, 'DELETE', `/v1/keys/${info.key_id}`)).json).toEqual(revoked.json)
    expect((await ask(admin, 'DELETE', '/v1/keys/nosuchkey')).status).toBe(404)
  })

  it('are listed page by page', async () => {
    for (let i = 0; i < 3; i += 1) await createKey(database, 'paged', ['events:read'])
    const reader = await createKey(database, 'paged', ['admin'])
    const first = (await ask(reader, 'GET', '/v1/keys?limit=3')).json
    const second = (await ask(reader, 'GET', `/v1/keys?limit=3&after=${first.next_cursor}`)).json
    expect([first.items.length, second.items.length, second.next_cursor]).toEqual([3, 1, null])
  })

  it('end at their time', async () => {
    const { status, json } = await ask(
      admin,
      'POST',
      '/v1/keys',
      JSON.stringify({ scopes: ['events:read'], expires_at: new Date(Date.now() + 1_500).toISOString() }),
    )
    expect(status).toBe(201)
    expect((await ask(json.key, 'GET', '/v1/events')).status).toBe(200)
    await waitFor('the end of the key', 10, async () => (await ask(json.key, 'GET', '/v1/events')).status === 401)
  })

  it.each([
    ['no scopes', '{}', 'scopes', 'missing'],
    ['an empty list of scopes', '{"scopes":[]}', 'scopes', 'at least one'],
    ['an unknown scope', '{"scopes":["events:all"]}', 'scopes[0]', 'is no scope'],
    ['a time that has passed', '{"scopes":["admin"],"expires_at":"2020-01-01T00:00:00Z"}', 'expires_at', 'has passed'],
    ['a time that is none', '{"scopes":["admin"],"expires_at":"soon"}', 'expires_at', 'ISO 8601'],
    ['a name that is empty', '{"scopes":["admin"],"application_name":""}', 'application_name', 'empty'],
    ['a tenant', '{"scopes":["admin"],"tenant":"globex"}', 'tenant', 'leave it out'],
  ])('cannot be made with %s', async (_, body, path, message) => {
    const answer = await ask(admin, 'POST', '/v1/keys', body)
    expect(answer.status).toBe(400)
    expect(answer.json.errors).toEqual([{ path, message: expect.stringContaining(message) }])
  })

  it('are made from JSON alone', async () => {
    expect((await ask(admin, 'POST', '/v1/keys', 'scopes')).status).toBe(400)
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect((await ask(admin, 'POST', '/v1/keys', 'scopes=admin', form)).status).toBe(415)
  })

  it('name the application of what they publish, where neither the event nor the request does', async () => {
    const key = await createKey(database, 'acme', ['events:publish', 'events:read'], { application_name: 'of-the-key' })
    const nameOf = async (metadata: string, headers: Record<string, string> = {}) => {
      const run = randomUUID()
      const event = `{"event_type":"t","data":{},"metadata":{"workflow_run_id":"${run}"${metadata}}}`
      expect((await ask(key, 'POST', '/v1/publish', event, headers)).status).toBe(202)
      const { json } = await ask(key, 'GET', `/v1/conversations/workflow:${run}/events`)
      return json.items[0].event.metadata.application_name
    }
    expect(await nameOf('')).toBe('of-the-key')
    expect(await nameOf('', { 'X-Application-Name': 'of-the-request' })).toBe('of-the-request')
    const own = ',"application_name":"of-the-event"'
    expect(await nameOf(own, { 'X-Application-Name': 'of-the-request' })).toBe('of-the-event')
  })
})

describe('tokens over HTTP', () => {
  it('name the tenant, and may what their scopes say', async () => {
    const token = await issuer.sign({ tenant: 'globex', scope: 'events:write' })
    expect((await ask(token, 'POST', '/v1/events', eventText({ conversation: 'of-globex' }))).status).toBe(201)
    expect(await ask(token, 'GET', '/v1/conversations/of-globex')).toMatchObject({ status: 403, json: { scope: 'events:read' } })
    const reader = (tenant: string) => issuer.sign({ tenant, scope: ['events:read'] })
    expect((await ask(await reader('globex'), 'GET', '/v1/conversations/of-globex')).status).toBe(200)
    expect((await ask(await reader('acme'), 'GET', '/v1/conversations/of-globex')).status).toBe(404)
    expect((await ask(await issuer.sign({ aud: 'other' }), 'GET', '/v1/events')).status).toBe(401)
  })

  it('make keys that say who made them', async () => {
    const token = await issuer.sign({ tenant: 'globex', scope: 'admin', sub: 'ada@globex.example' })
    const { json } = await ask(token, 'POST', '/v1/keys', '{"scopes":["events:read"]}')
    expect(json.created_by).toBe('subject:ada@globex.example')
    expect(await keyDirectoryOf(database).find(json.key_id)).toMatchObject({ tenant: 'globex' })
  })
})

describe('while Postgres is away', () => {
  it('a key that was used lately goes on, one that was never seen waits, and a wrong secret stays wrong', async () => {
    const known = await createKey(database, 'acme', ['events:write', 'events:read'])
    const unseen = await createKey(database, 'acme', ['events:write', 'events:read'])
    const record = (key: string) => ask(key, 'POST', '/v1/events', eventText({ conversation: 'away' }))
    expect((await record(known)).status).toBe(201)
    await database.takeAway()
    try {
      expect((await record(known)).status).toBe(201)
      expect((await ask(known, 'GET', '/v1/conversations/away/events')).json.items.length).toBe(2)
      const waiting = await record(unseen)
      expect(waiting).toMatchObject({ status: 503, json: { type: 'urn:edge-event-store:problem:authentication-unavailable' } })
      expect(Number(waiting.headers.get('Retry-After'))).toBeGreaterThan(0)
      expect((await record(`${known.slice(0, -1)}${known.endsWith('a') ? 'b' : 'a'}`)).status).toBe(401)
      expect((await record((await generateKey()).key)).status).toBe(503)
      expect(
        (await ask(await issuer.sign({ scope: 'events:write' }), 'POST', '/v1/events', eventText({ conversation: 'j' }))).status,
      ).toBe(201)
    } finally {
      await database.bringBack()
    }
    expect((await record(unseen)).status).toBe(201)
  })
})
