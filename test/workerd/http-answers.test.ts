import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { type Bindings, readConfiguration } from '../../src/env.ts'
import { createApp } from '../../src/http/app.ts'
import type { AppDeps } from '../../src/http/context.ts'
import { EventPersistenceError } from '../../src/model/errors.ts'
import * as operations from '../../src/protocol/operations.ts'
import { createAccess } from '../../src/security/access.ts'
import { generateKey } from '../../src/security/api-key.ts'
import { InMemoryHistory } from '../../src/store/in-memory/history.ts'
import { InMemoryKeyDirectory } from '../../src/store/in-memory/key-directory.ts'
import { type Answer, call, read } from './http-support.ts'

/** The application with other settings than the Worker of these tests, and what it logs. */
function appWith(settings: Partial<Bindings>, history = new InMemoryHistory()) {
  const logged: unknown[] = []
  const log = (...line: unknown[]) => void logged.push(line)
  const configuration = readConfiguration({ ...env, ...settings })
  const keys = new InMemoryKeyDirectory()
  const wait = () => new Promise<void>(() => undefined)
  const deps = configuration.ok
    ? ({
        configuration: configuration.configuration,
        history,
        access: createAccess({ configuration: configuration.configuration, keys, checkToken: null, now: Date.now, wait }),
        limits: { request: async () => undefined, credential: async () => undefined },
        recent: { clearedThrough: () => null },
      } as unknown as AppDeps)
    : null
  const app = createApp({ version: '0', log, open: () => ({ configuration, deps }) })
  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> =>
    read(await app.request(`https://localhost${path}`, init, env, createExecutionContext()))
  return { ask, logged, keys }
}

const all = Object.values(operations) as operations.Operation[]
const DAY = '2026-01-15T00:00:00Z'
const addressOf = (path: string) => path.replaceAll(/\{\w+\}/g, 'x')

describe('answers', () => {
  it.each(['/nothing', '/v1', '/v1/event', '/v1/events/', '/v1/conversations/a/b/c'])(
    'are 404 at %s, where there is nothing',
    async (path) => {
      const answer = await call(path)
      expect(answer).toMatchObject({ status: 404, json: { type: 'urn:edge-event-store:problem:not-found', status: 404 } })
      expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    },
  )

  it.each([...new Set(all.map(({ path }) => path))])('are 405 at %s for another method, and say which it takes', async (path) => {
    const answer = await call(addressOf(path), { method: 'PATCH' })
    expect(answer.status).toBe(405)
    const allowed: string[] = all.filter((operation) => operation.path === path).map(({ method }) => method)
    if (allowed.includes('GET')) allowed.push('HEAD')
    expect(answer.headers.get('Allow')?.split(', ').sort()).toEqual(allowed.sort())
  })

  it.each(['/', '/runs/r', '/docs/', '/openapi.json'])('are 405 at the page %s for what is not reading', async (path) => {
    const answer = await call(path, { method: 'POST' })
    expect([answer.status, answer.headers.get('Allow')]).toEqual([405, 'GET, HEAD'])
  })

  it.each([
    ['an unknown parameter', '/v1/events?limits=1', 'limits', 'no parameter'],
    ['a parameter twice', '/v1/events?limit=1&limit=2', 'limit', 'more than once'],
    ['a limit of 0', '/v1/events?limit=0', 'limit', 'from 1 to 5000'],
    ['an unknown order', '/v1/events?order=up', 'order', 'asc or desc'],
    ['a cursor that is none', '/v1/events?after=x', 'after', 'cursor'],
    ['a time that is none', '/v1/events?since=noon', 'since', 'ISO 8601'],
    ['a range of the feed that is empty', `/v1/events?since=${DAY}&until=${DAY}`, 'since', 'before until'],
    ['a range of an overview that is empty', `/v1/monitor/activity?since=${DAY}&until=${DAY}`, 'since', 'before until'],
    ['a range of the audit log that is empty', `/v1/audit?since=${DAY}&until=2026-01-14T23:59:59Z`, 'since', 'before until'],
    ['an empty type', '/v1/events?event_type=', 'event_type', 'empty'],
    ['odd offsets', '/v1/topics/t/events?offsets=1,', 'offsets', 'separated by commas'],
    ['an odd name', '/v1/events?__proto__=1', '__proto__', 'no parameter'],
    ['an id that is too long', `/v1/events/${'x'.repeat(257)}`, 'event_id', 'too long'],
    ['an id with a control character', '/v1/conversations/a%00b', 'id', 'U+0000'],
    ['bytes in the path that are no UTF-8', '/v1/conversations/%ff/events', 'id', 'percent-encoded'],
    ['a percent sign in the path that stands for itself', '/v1/topics/%/events', 'name', '%25'],
  ])('are 400 for %s, naming it', async (_, path, member, message) => {
    const answer = await call(path)
    expect(answer).toMatchObject({ status: 400, json: { type: 'urn:edge-event-store:problem:invalid-request' } })
    expect(answer.json.errors).toContainEqual({ path: member, message: expect.stringContaining(message) })
  })

  it('name every problem of a request at once', async () => {
    const { json } = await call('/v1/events?limit=0&order=up')
    expect((json.errors as { path: string }[]).map(({ path }) => path).sort()).toEqual(['limit', 'order'])
  })

  it('carry an id for the request: the one that was sent, or a new one instead of an odd one', async () => {
    const id = 'trace-12345678'
    const named = await call('/v1/events/no', { headers: { 'X-Request-Id': id } })
    expect(named.headers.get('X-Request-Id')).toBe(id)
    expect(named.json.request_id).toBe(id)
    for (const odd of ['a b', 'short', '{"level":"error"}']) {
      const answer = await call('/healthz', { headers: { 'X-Request-Id': odd } })
      expect(answer.headers.get('X-Request-Id')).toMatch(/^[\w-]{36}$/)
    }
  })

  it('of the documents carry it too', async () => {
    const api = await call('/openapi.json')
    expect(api).toMatchObject({ status: 200, json: { openapi: '3.1.0' } })
    const docs = await call('/docs/')
    expect(docs.status).not.toBe(500)
    expect(docs.headers.get('X-Request-Id')).not.toBeNull()
  })

  it('to HEAD are those to GET without a body', async () => {
    expect(await call('/v1/events?limit=1', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
  })

  it('say alive and ready', async () => {
    expect(await call('/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } })
    expect(await call('/readyz')).toMatchObject({ status: 200, json: { status: 'ready', history: 'in-memory' } })
  })
})

describe('a production service that is not configured', () => {
  const { ask } = appWith({ ENVIRONMENT: 'production' })

  it.each(all.filter(({ path }) => path !== '/healthz').map(({ method, path }) => [method, path]))(
    'answers 503 to %s %s, and says what to set',
    async (method, path) => {
      const answer = await ask(addressOf(path as string), { method: method as string })
      expect(answer).toMatchObject({ status: 503, json: { type: 'urn:edge-event-store:problem:not-configured' } })
      expect(answer.json.detail).toContain('DATABASE_URL')
      expect(answer.headers.get('Retry-After')).toMatch(/^\d+$/)
    },
  )

  it('is alive', async () => {
    expect(await ask('/healthz')).toMatchObject({ status: 200 })
  })
})

describe('a service with keys', () => {
  const { ask, logged, keys } = appWith({})

  async function newKey(): Promise<string> {
    const { key, key_id, secret_hash } = await generateKey()
    const none = { application_name: null, expires_at: null }
    await keys.create({ key_id, tenant: 'acme', secret_hash, scopes: ['events:read'], created_by: 'command', ...none })
    return key
  }
  const asked = (Authorization: string) => ask('/v1/events', { headers: { Authorization } })

  it('serves whoever has one, however the scheme is written', async () => {
    const key = await newKey()
    expect(await asked(`Bearer ${key}`)).toMatchObject({ status: 200 })
    expect(await asked(`bearer  ${key}`)).toMatchObject({ status: 200 })
  })

  it('looks at the credential before it looks at the request', async () => {
    for (const { method, path, scope } of all) {
      if (scope === null) continue
      const headers = { Authorization: 'Bearer x' }
      expect(await ask(`${addressOf(path)}?odd=1`, { method, headers })).toMatchObject({ status: 401 })
    }
  })

  it('logs which operation a request was, probes too', async () => {
    for (const path of ['/healthz', '/readyz', '/v1/keys']) {
      await ask(path)
      expect(logged.at(-1)).toMatchObject([expect.any(String), 'request', { operation: `GET ${path}` }])
    }
  })

  it('logs neither keys nor paths', async () => {
    const key = await newKey()
    await ask('/v1/events/secret-id', { headers: { Authorization: `Bearer ${key}` } })
    await ask('/v1/events/secret-id', { headers: { Authorization: `Bearer ${key}x` } })
    expect(logged.length).toBeGreaterThan(1)
    expect(JSON.stringify(logged)).not.toContain(key)
    expect(JSON.stringify(logged)).not.toContain('secret-id')
  })
})

describe('a history that fails', () => {
  class Failing extends InMemoryHistory {
    readonly #failure: Error

    constructor(failure: Error) {
      super()
      this.#failure = failure
    }

    override feed(): Promise<never> {
      return Promise.reject(this.#failure)
    }
  }

  it('by being away is 503, to be tried again', async () => {
    const away = new EventPersistenceError('feed failed', { operation: 'feed', transient: true, cause: new Error('secret') })
    const answer = await appWith({}, new Failing(away)).ask('/v1/events')
    expect(answer).toMatchObject({ status: 503, json: { type: 'urn:edge-event-store:problem:history-unavailable' } })
    expect(answer.headers.get('Retry-After')).toBe('2')
    expect(answer.text).not.toContain('secret')
  })

  it('by a bug is 500, logged with the id that the answer names', async () => {
    const { ask, logged } = appWith({}, new Failing(new TypeError('a bug')))
    const answer = await ask('/v1/events')
    expect(answer).toMatchObject({ status: 500, json: { type: 'urn:edge-event-store:problem:internal' } })
    expect(answer.text).not.toContain('a bug')
    const id = answer.json.request_id
    expect(logged).toContainEqual([
      'error',
      'request failed',
      expect.objectContaining({ request_id: id, error: expect.stringMatching(/^TypeError at /) }),
    ])
  })
})
