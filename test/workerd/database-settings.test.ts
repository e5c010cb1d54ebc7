import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Bindings, readConfiguration } from '../../src/env.ts'
import worker from '../../src/worker.ts'

const URL_OF_DATABASE = 'postgresql://user:open-sesame@host.example/database'

function read(settings: Partial<Bindings>) {
  const result = readConfiguration({ ...env, ...settings })
  return result.ok ? result.configuration : result.problems
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the settings for the database', () => {
  it('may have white space around them', () => {
    const settings = {
      DATABASE_URL: ` ${URL_OF_DATABASE}\n`,
      MAINTENANCE_DATABASE_URL: `${URL_OF_DATABASE}2 `,
      NEON_FETCH_ENDPOINT: ' http://127.0.0.1:4444/sql\n',
    }
    expect(read(settings)).toMatchObject({
      databaseUrl: URL_OF_DATABASE,
      maintenanceUrl: `${URL_OF_DATABASE}2`,
      fetchEndpoint: 'http://127.0.0.1:4444/sql',
    })
    expect(read({ DATABASE_URL: ' ' })).toMatchObject({ databaseUrl: null })
  })

  it.each([
    'postgres:foo',
    'postgres:user:open-sesame@host/db',
    'postgresql:///db',
    'postgresql://host/db',
    'postgresql://user:open-sesame@/db',
    'postgresql://user:open-sesame@host',
    'postgresql://user:open-sesame@host/',
    'postgresql://user:open-sesame@host:port/db',
    'mysql://user:open-sesame@host/db',
    'open-sesame',
  ])('are wrong as %s, which every route but the one for its health says without repeating it', async (text) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    expect(read({ DATABASE_URL: text })).toEqual([expect.stringContaining('DATABASE_URL must be')])
    expect(read({ DATABASE_URL: URL_OF_DATABASE, MAINTENANCE_DATABASE_URL: text })).toEqual([
      expect.stringContaining('MAINTENANCE_DATABASE_URL must be'),
    ])
    const bindings = { ...env, DATABASE_URL: text }
    const ask = (path: string) => worker.fetch(new Request(`http://localhost${path}`), bindings, createExecutionContext())
    expect((await ask('/healthz')).status).toBe(200)
    const answer = await ask('/v1/events')
    expect(answer.status).toBe(503)
    expect(await answer.text()).not.toContain('open-sesame')
  })

  it('need to say where SQL over HTTP is served for a host that is never Neon’s', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]', 'postgres']) {
      const own = `postgresql://user:open-sesame@${host}:5432/database`
      for (const settings of [{ DATABASE_URL: own }, { DATABASE_URL: URL_OF_DATABASE, MAINTENANCE_DATABASE_URL: own }])
        expect(read(settings)).toEqual([expect.stringContaining('NEON_FETCH_ENDPOINT')])
      expect(read({ DATABASE_URL: own, NEON_FETCH_ENDPOINT: 'http://127.0.0.1:4444/sql' })).toMatchObject({ databaseUrl: own })
    }
  })

  it.each(['http://sql.example/', 'sql.example', 'ftp://127.0.0.1/', 'http://127.0.0.1.example/'])(
    'do not send the password to %s',
    (endpoint) => {
      expect(read({ DATABASE_URL: URL_OF_DATABASE, NEON_FETCH_ENDPOINT: endpoint })).toEqual([
        expect.stringContaining('NEON_FETCH_ENDPOINT'),
      ])
    },
  )

  it('that nobody could foresee stop the service in the same way', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const bindings = Object.defineProperty({ ...env }, 'FEEDS', {
      get() {
        throw new TypeError('open-sesame')
      },
    })
    const ask = (path: string) => worker.fetch(new Request(`http://localhost${path}`), bindings, createExecutionContext())
    expect((await ask('/healthz')).status).toBe(200)
    expect(await (await ask('/v1/events')).json()).toMatchObject({ type: 'urn:edge-event-store:problem:not-configured' })
    expect(JSON.stringify(logged.mock.calls)).not.toContain('open-sesame')
  })
})
