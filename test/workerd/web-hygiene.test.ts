import { createExecutionContext } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { type Bindings, readConfiguration } from '../../src/env.ts'
import { createApp } from '../../src/http/app.ts'
import type { AppDeps } from '../../src/http/context.ts'
import { ALLOWED_HEADERS, EXPOSED_HEADERS } from '../../src/http/middleware/cors.ts'
import * as operations from '../../src/protocol/operations.ts'
import { call, newId, post } from './http-support.ts'

const APP = 'https://app.example.com'
const SETTINGS = { ENVIRONMENT: 'development', PAGE_CACHE_SECONDS: '0', HOT_RETENTION_SECONDS: '60' }
/** A service that lets nobody in. */
const DEPS = {
  access: {
    missing: async () => [],
    authenticate: async () => ({ ok: false, failure: { kind: 'unauthenticated', detail: 'Send a key.' } }),
  },
  now: Date.now,
  log: () => undefined,
}
const ALL = Object.values(operations) as operations.Operation[]

function request(path: string, init: RequestInit = {}, settings: Record<string, string> = {}): Promise<Response> {
  const configuration = readConfiguration({ ...SETTINGS, ...settings } as unknown as Bindings)
  const deps = configuration.ok ? ({ ...DEPS, configuration: configuration.configuration } as unknown as AppDeps) : null
  const app = createApp({ version: '1', log: () => undefined, open: () => ({ configuration, deps }) })
  const ASSETS = { fetch: async () => new Response('<p>', { headers: { 'Content-Type': 'text/html; charset=utf-8' } }) }
  return Promise.resolve(
    app.fetch(new Request(new URL(path, 'https://events.example.com'), init), { ASSETS }, createExecutionContext()),
  )
}

const pathOf = ({ path }: operations.Operation) => path.replaceAll(/\{\w+\}/g, 'x')

/** What an answer's header says, by directive. */
function policyOf(answer: Response): Map<string, string> {
  const policy = answer.headers.get('Content-Security-Policy') ?? ''
  return new Map(policy.split('; ').map((directive) => [directive.split(' ')[0] ?? '', directive]))
}

describe('every answer', () => {
  const requests = [
    ...ALL.map((operation) => [operation.method, pathOf(operation)]),
    ...ALL.map((operation) => ['OPTIONS', pathOf(operation)]),
    ...[
      ['GET', '/openapi.json'],
      ['GET', '/docs'],
      ['HEAD', '/healthz'],
      ['GET', '/nothing'],
      ['PUT', '/v1/events'],
    ],
    ['GET', '/healthz?token=x'],
  ]
  it.each(requests)('to %s %s keeps browsers from guessing, framing, leaking and going back to http', async (method, path) => {
    const { headers } = await request(path ?? '', { method: method ?? '' })
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(headers.get('X-Frame-Options')).toBe('DENY')
    expect(headers.get('Referrer-Policy')).toBe('no-referrer')
    expect(headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin')
    expect(headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin')
    expect(headers.get('Strict-Transport-Security')).toBe('max-age=31536000')
    expect(headers.get('Set-Cookie')).toBeNull()
    expect(headers.get('Access-Control-Allow-Origin')).toBeNull()
  })

  it('that is a page runs scripts of this origin only, and none that stand in it', async () => {
    const policy = policyOf(await request('/docs'))
    expect(policy.get('default-src')).toBe("default-src 'none'")
    expect(policy.get('script-src')).toBe("script-src 'self'")
    expect(policy.get('frame-ancestors')).toBe("frame-ancestors 'none'")
    expect([...policy.values()].join()).not.toMatch(/unsafe|\*|http/)
  })

  it('that is data runs and shows nothing as a document', async () => {
    for (const path of ['/healthz', '/openapi.json', '/nothing', '/v1/events']) {
      const policy = policyOf(await request(path))
      expect(policy.get('default-src')).toBe("default-src 'none'")
      expect(policy.has('script-src')).toBe(false)
      expect(policy.get('frame-ancestors')).toBe("frame-ancestors 'none'")
    }
  })

  it.each(['http://localhost:8787', 'http://127.0.0.1:8787', 'http://[::1]:8787'])(
    'from %s leaves this machine free to use http',
    async (origin) => {
      expect((await request(`${origin}/healthz`)).headers.get('Strict-Transport-Security')).toBeNull()
    },
  )
})

describe('pages of other origins', () => {
  const settings = { CORS_ORIGINS: `${APP}, https://other.example.com` }
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization' },
  })

  it('get no leave while no origin is listed', async () => {
    const answer = await request('/v1/events', preflight(APP))
    expect(answer.status).toBe(405)
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('that are listed may send what the operations take, and read what they answer', async () => {
    const answer = await request('/v1/events', preflight(APP), settings)
    expect(answer.status).toBe(204)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(APP)
    expect(answer.headers.get('Access-Control-Allow-Credentials')).toBeNull()
    const listed = (name: string) => answer.headers.get(name)?.split(', ')
    for (const { method } of ALL) expect(listed('Access-Control-Allow-Methods')).toContain(method)
    for (const { headers } of ALL)
      for (const name of Object.keys(headers?.shape ?? {})) expect(listed('Access-Control-Allow-Headers')).toContain(name)
    expect(listed('Access-Control-Allow-Headers')).toEqual(ALLOWED_HEADERS)
    expect(answer.headers.get('Vary')).toContain('Origin')
  })

  it('that are listed may read answers, failures included', async () => {
    for (const path of ['/healthz', '/nothing', '/v1/events?token=x']) {
      const answer = await request(path, { headers: { Origin: APP } }, settings)
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(APP)
      expect(answer.headers.get('Access-Control-Expose-Headers')?.split(', ')).toEqual(EXPOSED_HEADERS)
      expect(answer.headers.get('Vary')).toContain('Origin')
    }
  })

  it.each([
    'https://app.example.com.evil.test',
    'http://app.example.com',
    'https://app.example.com:444',
    'https://sub.app.example.com',
    'https://APP.example.com',
    'null',
    '*',
    '',
  ])('that are not listed get no leave: %s', async (origin) => {
    for (const answer of [
      await request('/v1/events', preflight(origin), settings),
      await request('/healthz', { headers: { Origin: origin } }, settings),
    ]) {
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBeNull()
      expect(answer.headers.get('Vary')).toContain('Origin')
    }
  })

  it.each(['*', 'https://*.example.com', 'app.example.com', 'https://app.example.com/', 'null', 'http://app.example.com'])(
    'cannot be listed as %s',
    async (CORS_ORIGINS) => {
      const result = readConfiguration({ ...SETTINGS, CORS_ORIGINS } as unknown as Bindings)
      expect(result).toMatchObject({ ok: false, problems: [expect.stringContaining('CORS_ORIGINS')] })
    },
  )
})

describe('a credential in the URL', () => {
  it.each(['api_key', 'apikey', 'API-Key', 'access_token', 'token', 'key', 'Authorization', 'x-api-key', 'secret', 'jwt'])(
    'is refused as %s on every path, without being repeated',
    async (name) => {
      for (const path of [
        '/v1/events',
        '/v1/conversations/c/events',
        '/v1/conversations/c/live',
        '/docs',
        '/healthz',
        '/nothing',
      ]) {
        const answer = await request(`${path}?limit=1&${name}=evs_very-secret`)
        const text = await answer.text()
        expect(answer.status).toBe(400)
        expect(text).toContain('Authorization: Bearer')
        expect(text + JSON.stringify([...answer.headers])).not.toContain('very-secret')
      }
    },
  )
})

describe('an answer of a tenant', () => {
  it('says what may keep it: nothing, but its reader for pages of events', async () => {
    const conversation_id = newId()
    const recorded = await post([{ event_id: newId(), conversation_id }], '?ack=persisted')
    expect(recorded.headers.get('Cache-Control')).toBe('no-store')
    for (const [path, kept] of [
      [`/v1/conversations/${conversation_id}`, 'no-store'],
      [`/v1/conversations/${conversation_id}/graph`, 'no-store'],
      [`/v1/conversations/${conversation_id}/events`, 'private, no-cache'],
      ['/v1/keys', 'private, no-cache'],
    ] as const) {
      const answer = await call(path)
      expect([path, answer.status, answer.headers.get('Cache-Control')]).toEqual([path, 200, kept])
    }
  })
})

describe('a query that holds a credential', () => {
  const key = `evs_${'k'.repeat(16)}_${'s'.repeat(43)}`

  it.each([
    `event_type=${key}`,
    `after=x${key}`,
    `conversation_id=evt_${'t'.repeat(60)}`,
    'event_name=eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln',
  ])('is refused under whatever name: %s', async (query) => {
    const answer = await call(`/v1/events?${query}`)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('is no place for a credential')
    expect(answer.text).not.toContain(query.split('=')[1])
  })

  it.each(['devs_platform-production', 'evs_notes', 'a.b.c', 'k'.repeat(43)])(
    'is not what an id only resembles: %s',
    async (id) => {
      expect((await call(`/v1/assistant-requests/r/events?conversation_id=${id}`)).status).toBe(200)
    },
  )
})

describe('a wish for a key', () => {
  it('that is no JSON is told to be JSON, not lines', async () => {
    const answer = await call('/v1/keys', { method: 'POST', body: '{}', headers: { 'Content-Type': 'text/plain' } })
    expect(answer).toMatchObject({ status: 415, json: { detail: 'Send Content-Type: application/json.' } })
  })

  it.each([
    ['two members of one name', '{"scopes":["events:read"],"scopes":["admin"]}', 'scopes'],
    ['a member called __proto__', '{"scopes":["events:read"],"__proto__":{"scopes":["admin"]}}', '__proto__'],
  ])('with %s is refused', async (_, body, name) => {
    const answer = await call('/v1/keys', { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(name)
  })
})
