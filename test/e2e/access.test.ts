import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SCOPES, type Scope } from '../../src/model/scopes.ts'
import * as operations from '../../src/protocol/operations.ts'
import { generateKey } from '../../src/security/api-key.ts'
import { eventText } from '../support/events.ts'
import { bearer, createKey, keyDirectoryOf, keyIdOf } from '../support/keys.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

/** What only events of the tenant whose key is right hold. */
const SECRET = 'known-to-acme-alone'

const MESSAGE = `{"role":"user","content":"${SECRET}"}`

const agentEvent = (id: string) => eventText({ conversation: 'c', id, request: 'r', data: MESSAGE })

interface Row {
  readonly path: string
  readonly body?: string
  /** With a key that may. */
  readonly right: number
  /** With a key that may, but in another tenant: what it asks for is not there. */
  readonly foreign: number
}

/** A request of each operation that goes well. */
const ROWS: { readonly [Name in keyof typeof operations]: (spareKey: string) => Row } = {
  recordEvents: () => ({ path: '/v1/events', body: agentEvent('recorded'), right: 201, foreign: 201 }),
  publishEvents: () => ({ path: '/v1/publish', body: '{"event_type":"t","data":{}}', right: 202, foreign: 202 }),
  readFeed: () => ({ path: '/v1/events', right: 200, foreign: 200 }),
  readFeedLive: () => ({ path: '/v1/events/live', right: 200, foreign: 200 }),
  clearEvents: () => ({ path: '/v1/events?confirm=acme', right: 200, foreign: 400 }),
  readEvent: () => ({ path: '/v1/events/seed', right: 200, foreign: 404 }),
  listConversations: () => ({ path: '/v1/conversations', right: 200, foreign: 200 }),
  readConversation: () => ({ path: '/v1/conversations/seeded', right: 200, foreign: 404 }),
  clearConversation: () => ({ path: '/v1/conversations/spare?confirm=spare', right: 200, foreign: 200 }),
  readConversationEvents: () => ({ path: '/v1/conversations/seeded/events', right: 200, foreign: 200 }),
  readConversationLive: () => ({ path: '/v1/conversations/seeded/live', right: 200, foreign: 200 }),
  createTicket: () => ({ path: '/v1/conversations/seeded/ticket', right: 201, foreign: 201 }),
  readConversationGraph: () => ({ path: '/v1/conversations/seeded/graph', right: 200, foreign: 404 }),
  readAssistantRequestEvents: () => ({ path: '/v1/assistant-requests/seeded-r/events', right: 200, foreign: 200 }),
  readAssistantRequestSummary: () => ({ path: '/v1/assistant-requests/seeded-r/summary', right: 200, foreign: 404 }),
  readTopicEvents: () => ({ path: '/v1/topics/t/events?offsets=0', right: 200, foreign: 200 }),
  readMonitorActivity: () => ({ path: '/v1/monitor/activity', right: 200, foreign: 200 }),
  readMonitorAssistants: () => ({ path: '/v1/monitor/assistants', right: 200, foreign: 200 }),
  readMonitorUnfinished: () => ({
    path: '/v1/monitor/unfinished?since=2025-08-28T00:00:00Z&until=2025-08-29T00:00:00Z',
    right: 200,
    foreign: 200,
  }),
  readQuarantine: () => ({ path: '/v1/quarantine', right: 200, foreign: 200 }),
  createKey: () => ({ path: '/v1/keys', body: '{"scopes":["events:read"]}', right: 201, foreign: 201 }),
  listKeys: () => ({ path: '/v1/keys', right: 200, foreign: 200 }),
  revokeKey: (spareKey) => ({ path: `/v1/keys/${keyIdOf(spareKey)}`, right: 200, foreign: 404 }),
  readAudit: () => ({ path: '/v1/audit', right: 200, foreign: 200 }),
  readHealth: () => ({ path: '/healthz', right: 200, foreign: 200 }),
  readReadiness: () => ({ path: '/readyz', right: 200, foreign: 200 }),
}

/** Routes that are no operations: the documents. */
const DOCUMENTS = ['/openapi.json', '/docs/']

const all = Object.entries(operations) as [keyof typeof operations, operations.Operation][]
const byName = new Map(all)
// What clears is asked last.
const names = all.map(([name]) => name).sort((a, b) => Number(a === 'clearEvents') - Number(b === 'clearEvents'))

let database: TestDatabase
let service: TestService

beforeAll(async () => {
  service = await startTestService({ history: 'postgres', vars: { ENVIRONMENT: 'production' } })
  database = service.database as TestDatabase
})
afterAll(() => service?.stop())

async function ask(method: string, path: string, headers: Record<string, string>, body?: string) {
  const init = { method, headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) } }
  const answer = await fetch(`${service.url}${path}`, body === undefined ? init : { ...init, body })
  return { status: answer.status, headers: answer.headers, text: await textOf(answer) }
}

/** Of a live stream what is recorded so far: it has no end. */
async function textOf(answer: Response): Promise<string> {
  if (!answer.headers.get('Content-Type')?.startsWith('text/event-stream')) return answer.text()
  let text = ''
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    if (text.includes('event: up-to-date')) break
  }
  return text
}

const kindOf = (text: string) => String(JSON.parse(text).type).replace('urn:edge-event-store:problem:', '')

function requestOf(name: keyof typeof operations, spareKey: string) {
  const row = ROWS[name]
  if (!row) throw new Error(`${name} has no row in this table: say what its answers are`)
  const { method, scope } = byName.get(name) as operations.Operation
  return { method, scope, ...row(spareKey) }
}

it('has a row for every operation', () => {
  expect(Object.keys(ROWS).sort()).toEqual(all.map(([name]) => name).sort())
})

describe('in production without any key', () => {
  it.each(names.filter((name) => name !== 'readHealth'))('%s is answered 503, whatever is presented', async (name) => {
    const { method, path, body } = requestOf(name, 'evs_none_none')
    for (const headers of [{}, bearer((await generateKey()).key), bearer('x'), bearer('a.b.c')]) {
      const answer = await ask(method, path, headers as Record<string, string>, body)
      expect(answer.status).toBe(503)
      expect(kindOf(answer.text)).toBe('not-configured')
      expect(answer.text).toContain('npm run keys')
    }
  })

  it('the documents are not served either, and the service is alive', async () => {
    for (const path of DOCUMENTS) expect((await ask('GET', path, {})).status).toBe(503)
    expect((await ask('GET', '/healthz', {})).status).toBe(200)
  })
})

describe('in production', () => {
  const key: Record<string, string> = {}
  let unknown: string

  const others = (needed: Scope) => SCOPES.filter((scope) => scope !== needed && scope !== 'admin')

  beforeAll(async () => {
    for (const scope of SCOPES) {
      key[scope] = await createKey(database, 'acme', [scope])
      key[`without ${scope}`] = await createKey(database, 'acme', others(scope))
      key[`foreign ${scope}`] = await createKey(database, 'globex', [scope])
      key[`expired ${scope}`] = await createKey(database, 'acme', [scope], { expires_at: '2026-01-01T00:00:00Z' })
      key[`revoked ${scope}`] = await createKey(database, 'acme', [scope])
      await keyDirectoryOf(database).revoke('acme', keyIdOf(key[`revoked ${scope}`] as string))
    }
    unknown = (await generateKey()).key
    await waitFor('a ready service', 10, async () => (await ask('GET', '/readyz', {})).status === 200 || null)
    const seed = [
      eventText({ conversation: 'seeded', id: 'seed', request: 'seeded-r', data: MESSAGE }),
      eventText({
        conversation: 'seeded',
        id: 'topic',
        request: 'seeded-r',
        data: `[${MESSAGE}]`,
        topic: { name: 't', offset: 0 },
      }),
    ]
    const recorded = await ask('POST', '/v1/events?ack=persisted', bearer(key['events:write'] as string), `[${seed.join(',')}]`)
    expect(recorded.status).toBe(201)
  })

  it.each(names)('%s tells credentials apart', async (name) => {
    const spare = await createKey(database, 'acme', ['events:read'])
    const { method, path, body, scope, right, foreign } = requestOf(name, spare)
    const answers = (headers: Record<string, string>) => ask(method, path, headers, body)
    if (scope === null) {
      for (const headers of [{}, bearer('x'), bearer(unknown)]) {
        expect((await answers(headers as Record<string, string>)).status).toBe(right)
      }
      return
    }
    const valid = key[scope] as string
    const wrongSecret = `${valid.slice(0, -1)}${valid.endsWith('a') ? 'b' : 'a'}`
    const refused: readonly [string, Record<string, string>][] = [
      ['no credential', {}],
      ['no scheme', { Authorization: valid }],
      ['another scheme', { Authorization: `Basic ${btoa(`${valid}:`)}` }],
      ['two credentials', { Authorization: `Bearer ${valid} ${valid}` }],
      ['malformed', bearer(valid.slice(0, -1))],
      ['unknown', bearer(unknown)],
      ['wrong secret', bearer(wrongSecret)],
      ['expired', bearer(key[`expired ${scope}`] as string)],
      ['revoked', bearer(key[`revoked ${scope}`] as string)],
      ['a token where none are taken', bearer('eyJhbGciOiJub25lIn0.e30.')],
    ]
    const details = new Map<string, string>()
    for (const [what, headers] of refused) {
      const answer = await answers(headers)
      expect([what, answer.status, kindOf(answer.text)]).toEqual([what, 401, 'unauthenticated'])
      expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer')
      expect(answer.text).not.toContain(SECRET)
      details.set(what, JSON.parse(answer.text).detail)
    }
    const alike = ['malformed', 'unknown', 'wrong secret', 'expired', 'revoked']
    expect(new Set(alike.map((what) => details.get(what))).size).toBe(1)
    if (method === 'GET') expect((await ask('HEAD', path, {})).status).toBe(401)

    const wrongScope = await answers(bearer(key[`without ${scope}`] as string))
    expect([wrongScope.status, kindOf(wrongScope.text), JSON.parse(wrongScope.text).scope]).toEqual([403, 'forbidden', scope])
    const other = await answers(bearer(key[`foreign ${scope}`] as string))
    expect(other.status).toBe(foreign)
    // What it wrote itself it may read.
    if (!['recordEvents', 'readFeed', 'readFeedLive'].includes(name)) expect(other.text).not.toContain(SECRET)
    // The record of who did what holds the ids that a tenant asked for itself.
    if (other.status === 200 && name !== 'readAudit') expect(other.text).not.toContain('seed')
    expect((await answers(bearer(valid))).status).toBe(right)
    if (scope !== 'admin' && name !== 'recordEvents') {
      expect((await answers(bearer(key.admin as string))).status).toBe(right)
    }
  })

  it('the documents are open', async () => {
    for (const path of DOCUMENTS) expect((await ask('GET', path, {})).status).toBe(200)
  })
})
