import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { problemResponse } from '../../src/http/problem-response.ts'
import { CREDENTIAL_POLICY, keyOfAddress, limitsOf, REQUEST_POLICY } from '../../src/http/rate-limit.ts'
import type { RequestFailure } from '../../src/protocol/failure.ts'
import { DEVELOPMENT_PRINCIPAL } from '../../src/security/principal.ts'

/** Lets each key pass so often. */
function fakeLimiter(room: number) {
  const counts = new Map<string, number>()
  return {
    counts,
    async limit({ key }: { key: string }) {
      counts.set(key, (counts.get(key) ?? 0) + 1)
      return { success: (counts.get(key) ?? 0) <= room }
    },
  }
}

const quiet = () => undefined
const from = (address: string) => new Request('https://example.com', { headers: { 'CF-Connecting-IP': address } })
const key = (key_id: string) => ({ kind: 'key' as const, tenant: 't', key_id, subject: null })
const token = (tenant: string, subject: string | null) => ({ kind: 'token' as const, tenant, key_id: null, subject })

describe('a rate limit', () => {
  it('counts each key and each subject of a tenant apart', async () => {
    const limiter = fakeLimiter(1)
    const { request } = limitsOf({ RATE_LIMITER: limiter }, quiet)
    const callers = [key('a'), key('b'), token('t', 'a'), token('u', 'a'), token('u","a', 'a'), token('u', '","a')]
    for (const caller of callers) await request(caller)
    expect(limiter.counts.size).toBe(callers.length)
    await expect(request(key('a'))).rejects.toMatchObject({ failure: { kind: 'rate-limited', policy: REQUEST_POLICY } })
  })

  it('counts tokens that name nobody by their tenant', async () => {
    const { request } = limitsOf({ RATE_LIMITER: fakeLimiter(1) }, quiet)
    await request(token('t', null))
    await request(token('u', null))
    await request(token('t', 't'))
    await expect(request(token('t', null))).rejects.toMatchObject({ failure: { policy: REQUEST_POLICY } })
  })

  it('counts attempts to authenticate by address, and nothing else by it', async () => {
    const limiters = { RATE_LIMITER: fakeLimiter(9), CREDENTIAL_LIMITER: fakeLimiter(1) }
    const { credential, request } = limitsOf(limiters, quiet)
    await credential(from('192.0.2.1'))
    await credential(from('192.0.2.2'))
    await request(key('a'))
    await expect(credential(from('192.0.2.1'))).rejects.toMatchObject({ failure: { policy: CREDENTIAL_POLICY } })
    expect([...limiters.CREDENTIAL_LIMITER.counts.keys()]).toEqual(['192.0.2.1', '192.0.2.2'])
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    [null, 'unknown'],
  ])('takes %s for %s: who has an IPv6 address has its network', (address, expected) => {
    expect(keyOfAddress(address)).toBe(expected)
  })

  it('is none for the open service of development, and none where the binding is missing', async () => {
    const limiter = fakeLimiter(0)
    await limitsOf({ RATE_LIMITER: limiter }, quiet).request(DEVELOPMENT_PRINCIPAL)
    expect(limiter.counts.size).toBe(0)
    await limitsOf({}, quiet).request(key('a'))
    await limitsOf({}, quiet).credential(from('192.0.2.1'))
  })

  it('that cannot be asked lets pass, and says so', async () => {
    const lines: unknown[] = []
    const broken = { limit: () => Promise.reject(new Error('away')) }
    await limitsOf({ RATE_LIMITER: broken }, (...line) => lines.push(line)).request(key('a'))
    expect(lines).toEqual([['warn', 'a rate limit could not be asked', { policy: 'requests', error: 'Error: away' }]])
  })

  it('is answered with 429, the time to wait, and what the limit is', async () => {
    const failure = await limitsOf({ RATE_LIMITER: fakeLimiter(0) }, quiet)
      .request(key('a'))
      .catch((thrown: unknown) => (thrown as RequestFailure).failure)
    if (!failure) throw new Error('the request passed')
    const answer = problemResponse(failure, 'request-1')
    expect(answer.status).toBe(429)
    expect(answer.headers.get('Retry-After')).toBe('10')
    expect(answer.headers.get('RateLimit')).toBe('"requests";r=0;t=10')
    expect(answer.headers.get('RateLimit-Policy')).toBe('"requests";q=10000;w=10')
    expect(await answer.json()).toMatchObject({ type: 'urn:edge-event-store:problem:rate-limited', status: 429 })
  })

  it.each([
    ['RATE_LIMITER', REQUEST_POLICY],
    ['CREDENTIAL_LIMITER', CREDENTIAL_POLICY],
  ])('%s is in wrangler.toml what the answers say of it', (name, { limit, seconds }) => {
    const settings = readFileSync(join(import.meta.dirname, '../../wrangler.toml'), 'utf8')
    const [, found] = new RegExp(`name = "${name}"\\nnamespace_id = "\\d+"\\nsimple = (.*)`).exec(settings) ?? []
    expect(found).toBe(`{ limit = ${limit}, period = ${seconds} }`)
  })
})
