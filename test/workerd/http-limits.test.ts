import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import worker from '../../src/worker.ts'
import { call } from './http-support.ts'

/** A key of the tenant, with these scopes. */
async function keyOf(...scopes: string[]): Promise<string> {
  const headers = { 'Content-Type': 'application/json' }
  const { json } = await call('/v1/keys', { method: 'POST', headers, body: JSON.stringify({ scopes }) })
  return json.key as string
}

/** Asks a Worker whose limit on requests has room, or none. What was counted, and the answer's status. */
async function ask(path: string, key: string, room: boolean) {
  const counted: string[] = []
  const limit = async (options: { key?: string }) => {
    counted.push(options.key ?? '')
    return { success: room }
  }
  const request = new Request(`https://localhost${path}`, { headers: { Authorization: `Bearer ${key}` } })
  const bindings = { ...env, RATE_LIMITER: { limit } as RateLimit }
  const { status } = await worker.fetch(
    request as Request<unknown, IncomingRequestCfProperties>,
    bindings,
    createExecutionContext(),
  )
  return { status, counted: counted.map((one) => one === `key:${key.split('_')[1]}`) }
}

describe('the limit on requests', () => {
  it('counts every request of a key, also those that it may not make', async () => {
    const key = await keyOf('events:read')
    expect(await ask('/v1/events', key, true)).toEqual({ status: 200, counted: [true] })
    expect(await ask('/v1/keys', key, true)).toEqual({ status: 403, counted: [true] })
  })

  it('is asked before anything else that a key may or may not do', async () => {
    const key = await keyOf('events:read')
    for (const path of ['/v1/events', '/v1/keys', '/v1/events?limit=none']) {
      expect(await ask(path, key, false)).toEqual({ status: 429, counted: [true] })
    }
  })
})
