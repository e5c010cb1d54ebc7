import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventText } from '../support/events.ts'
import { bearer } from '../support/keys.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.ts'
import { waitFor } from '../support/wait-for.ts'

const TENANTS = ['acme', 'globex'] as const
type Tenant = (typeof TENANTS)[number]

const markOf = (tenant: Tenant) => `known-to-${tenant}-alone`
const otherThan = (tenant: Tenant): Tenant => (tenant === 'acme' ? 'globex' : 'acme')

/** The same ids, conversation, request, topic and offset for everyone; only the content differs. */
function eventsOf(tenant: Tenant): string {
  const message = `{"role":"user","content":"${markOf(tenant)}"}`
  const place = { conversation: 'c', request: 'r', timestamp: '2026-01-31T12:00:00Z' }
  const plain = ['e1', 'e2', 'e3'].map((id) => eventText({ ...place, id, data: message }))
  const topics = [0, 1].map((offset) =>
    eventText({ ...place, id: `t${offset}`, data: `[${message}]`, topic: { name: 't', offset } }),
  )
  return `[${[...plain, ...topics].join(',')}]`
}

/** Every way to read an event's content or that it is there, with pages that are full as well, which the edge cache keeps. */
const READS = [
  '/v1/events',
  '/v1/events?limit=2',
  '/v1/events?order=desc&limit=2',
  '/v1/events?event_type=ToolInvoke&limit=1',
  '/v1/events/e1',
  '/v1/events/e1?conversation_id=c',
  '/v1/conversations/c/events',
  '/v1/conversations/c/events?limit=2',
  '/v1/assistant-requests/r/events',
  '/v1/assistant-requests/r/events?limit=2',
  '/v1/assistant-requests/r/events?conversation_id=c&limit=2',
  '/v1/topics/t/events?offsets=0,1',
  '/v1/topics/t/events?offsets=0,1&limit=1',
  '/v1/topics/t/events?offsets=0&conversation_id=c',
  '/v1/topics/application_events/events',
]

describe.each(['postgres', 'in-memory'] as const)('two tenants with the same ids, on %s', (history) => {
  let issuer: TokenIssuer
  let service: TestService
  const credentials = new Map<Tenant, Record<string, string>>()

  beforeAll(async () => {
    issuer = await startTokenIssuer()
    service = await startTestService({ history, vars: { ...issuer.vars, PAGE_CACHE_SECONDS: '60' } })
    for (const tenant of TENANTS) {
      const token = await issuer.sign({ tenant, scope: 'admin' })
      const made = await fetch(`${service.url}/v1/keys`, {
        method: 'POST',
        headers: { ...bearer(token), 'Content-Type': 'application/json' },
        body: '{"scopes":["admin"]}',
      })
      credentials.set(tenant, bearer(((await made.json()) as { key: string }).key))
    }
  })
  afterAll(async () => {
    await service?.stop()
    await issuer?.close()
  })

  function ask(tenant: Tenant, path: string, init: { method?: string; body?: string; headers?: Record<string, string> } = {}) {
    const headers = { ...credentials.get(tenant), 'Content-Type': 'application/json', ...init.headers }
    return fetch(`${service.url}${path}`, { ...init, headers })
  }
  const post = (tenant: Tenant, path: string, body: string, headers = {}) => ask(tenant, path, { method: 'POST', body, headers })
  const text = async (tenant: Tenant, path: string, headers = {}) => (await ask(tenant, path, { headers })).text()

  it('record them all, none a repeat or conflict of the other’s, in an order of their own', async () => {
    for (const tenant of TENANTS) {
      const answer = await post(tenant, '/v1/events?ack=persisted&expected_seq=0', eventsOf(tenant))
      expect(answer.status).toBe(201)
      const conversations = [{ conversation_id: 'c', first_seq: 1, last_seq: 5 }]
      expect(await answer.json()).toMatchObject({ recorded: 5, duplicates: 0, conflicts: [], conversations })
    }
    for (const tenant of TENANTS) {
      const again = await post(tenant, '/v1/events', eventsOf(tenant))
      expect(await again.json()).toMatchObject({ recorded: 0, duplicates: 5, conflicts: [] })
    }
  })

  it('publish the same application event under one key of repeats', async () => {
    for (const tenant of TENANTS) {
      const body = `{"event_type":"application_events","event_name":"workflow_start","data":{"note":"${markOf(tenant)}"},"metadata":{"workflow_run_id":"run","activity_id":"1","attempt":1}}`
      const answer = await post(tenant, '/v1/publish', body, { 'Idempotency-Key': 'once' })
      expect(await answer.json()).toMatchObject({ published: 1 })
      const session = answer.headers.get('Event-Store-Session') ?? ''
      expect(await text(tenant, '/v1/conversations/workflow:run/events')).toContain(markOf(tenant))
      expect(await text(tenant, '/v1/events?event_name=workflow_start', { 'Event-Store-Session': session })).toContain(
        markOf(tenant),
      )
    }
  })

  it.each(READS)('read their own alone at %s, from the edge cache as well', async (path) => {
    const first = new Map<Tenant, string>()
    for (const round of [1, 2]) {
      for (const tenant of TENANTS) {
        const answer = await text(tenant, path)
        expect(answer).toContain(markOf(tenant))
        expect(answer).not.toContain(markOf(otherThan(tenant)))
        if (round === 1) first.set(tenant, answer)
        else expect(answer).toBe(first.get(tenant))
        const lines = await text(tenant, path, { Accept: 'application/x-ndjson' })
        expect(lines).toContain(markOf(tenant))
        expect(lines).not.toContain(markOf(otherThan(tenant)))
      }
    }
  })

  it('tell caches on the way that answers depend on the credential', async () => {
    const answer = await ask('acme', '/v1/events?limit=1')
    expect(answer.headers.get('Vary')).toContain('Authorization')
    expect(answer.headers.get('Cache-Control')).toContain('private')
  })

  it('go their own way in the conversation that both have', async () => {
    const more = eventText({ conversation: 'c', id: 'only-acme', request: 'r' })
    const session = (await post('acme', '/v1/events', more)).headers.get('Event-Store-Session') ?? ''
    expect(await (await ask('acme', '/v1/conversations/c')).json()).toMatchObject({ head_seq: 6 })
    expect(await (await ask('globex', '/v1/conversations/c')).json()).toMatchObject({ head_seq: 5 })
    // Another's session is looked up among one's own conversations.
    const stolen = await text('globex', '/v1/events', { 'Event-Store-Session': session })
    expect(stolen).not.toContain('only-acme')
    expect((await ask('globex', '/v1/events/only-acme')).status).toBe(404)
    expect((await ask('globex', '/v1/events/only-acme?conversation_id=c')).status).toBe(404)
  })

  it('have their own set aside events', async () => {
    await post('acme', '/v1/events?ack=persisted', eventText({ conversation: 'elsewhere', id: 'e1' }))
    await waitFor('an event that is set aside', 20, async () => (await text('acme', '/v1/quarantine')).includes('"e1"'))
    expect(await (await ask('globex', '/v1/quarantine')).json()).toEqual({ items: [], next_cursor: null })
    expect(await text('globex', '/v1/conversations')).not.toContain('elsewhere')
  })

  it('have their own keys', async () => {
    const { items } = (await (await ask('acme', '/v1/keys')).json()) as { items: { key_id: string }[] }
    expect(items.length).toBe(1)
    const [{ key_id }] = items as [{ key_id: string }]
    expect(await text('globex', '/v1/keys')).not.toContain(key_id)
    expect((await ask('globex', `/v1/keys/${key_id}`, { method: 'DELETE' })).status).toBe(404)
    expect((await ask('acme', '/v1/keys')).status).toBe(200)
  })

  it('cannot be named in path, query, header or body', async () => {
    for (const path of ['/v1/events?tenant=acme', '/v1/events?tenant_id=acme']) {
      expect((await ask('globex', path)).status).toBe(400)
    }
    const named = { 'X-Tenant': 'acme', 'X-Tenant-Id': 'acme', tenant: 'acme', 'X-Forwarded-Host': 'acme' }
    expect(await text('globex', '/v1/events', named)).not.toContain(markOf('acme'))
    const event = eventText({ conversation: 'named', id: 'named' }).replace('{', '{"tenant":"acme","tenant_id":"acme",')
    expect((await post('globex', '/v1/events?ack=persisted', event, named)).status).toBe(201)
    expect(await text('acme', '/v1/events')).not.toContain('"named"')
    expect(await text('acme', '/v1/events/named')).not.toContain('"event"')
    expect((await ask('globex', '/v1/events?confirm=acme', { method: 'DELETE' })).status).toBe(400)
    const key = await post('globex', '/v1/keys', '{"scopes":["admin"],"tenant":"acme"}')
    expect(key.status).toBe(400)
  })

  it('clear their own alone', async () => {
    const kept = new Map<string, string>()
    for (const path of READS) kept.set(path, await text('globex', path))
    expect((await ask('acme', '/v1/events?confirm=acme', { method: 'DELETE' })).status).toBe(200)
    for (const [path, before] of kept) expect(await text('globex', path)).toBe(before)
    expect(await (await ask('acme', '/v1/conversations/c/events')).json()).toMatchObject({ items: [] })
    expect(await (await ask('acme', '/v1/conversations')).json()).toMatchObject({ items: [] })
    const again = await post('acme', '/v1/events?ack=persisted', eventsOf('acme'))
    expect(await again.json()).toMatchObject({ recorded: 5, duplicates: 0, conflicts: [] })
    for (const [path, before] of kept) expect(await text('globex', path)).toBe(before)
  })
})

describe.each(['postgres', 'in-memory'] as const)('a tenant named as a member of every object, on %s', (history) => {
  let issuer: TokenIssuer
  let service: TestService

  beforeAll(async () => {
    issuer = await startTokenIssuer()
    service = await startTestService({ history, vars: issuer.vars })
  })
  afterAll(async () => {
    await service?.stop()
    await issuer?.close()
  })

  it.each(['constructor', 'toString', '__proto__', 'valueOf'])('%s has its events like any other', async (tenant) => {
    const headers = { ...bearer(await issuer.sign({ tenant, scope: 'admin' })), 'Content-Type': 'application/json' }
    const ask = (path: string, init: RequestInit = {}) => fetch(`${service.url}${path}`, { ...init, headers })
    const record = (id: string) => ask('/v1/events', { method: 'POST', body: eventText({ conversation: 'c', id }) })
    const ids = async () => (await (await ask('/v1/events')).text()).match(/"event_id": ?"\w+"/g)?.length ?? 0
    const persisted = (seq: number) =>
      waitFor(`${seq} events of ${tenant} in the history`, 20, async () => {
        const found = (await (await ask('/v1/conversations/c')).json()) as { persisted_seq?: number }
        return found.persisted_seq === seq
      })
    for (const [i, id] of ['one', 'two'].entries()) {
      expect((await record(id)).status).toBe(201)
      await persisted(i + 1)
      expect(await ids()).toBe(i + 1)
    }
    expect((await ask(`/v1/events?confirm=${tenant}`, { method: 'DELETE' })).status).toBe(200)
    expect(await ids()).toBe(0)
    expect((await record('three')).status).toBe(201)
    await persisted(1)
    expect(await ids()).toBe(1)
  })
})
