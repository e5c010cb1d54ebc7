import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { type Bindings, readConfiguration } from '../../src/env.ts'

const JWT = {
  JWT_ISSUER: 'https://issuer.example/',
  JWT_AUDIENCE: 'event-store',
  JWT_JWKS_URL: 'https://issuer.example/.well-known/jwks.json',
}

function read(settings: Partial<Bindings>) {
  const result = readConfiguration({ ...env, ...settings })
  return result.ok ? result.configuration.jwt : result.problems
}

describe('the settings for tokens', () => {
  it('are none by default', () => {
    expect(read({})).toBeNull()
    expect(read({ JWT_ISSUER: '', JWT_AUDIENCE: '', JWT_JWKS_URL: '' })).toBeNull()
  })

  it('name issuer, audience and keys, and the claims where they are other ones', () => {
    const jwt = { issuer: JWT.JWT_ISSUER, audience: JWT.JWT_AUDIENCE, jwksUrl: JWT.JWT_JWKS_URL }
    expect(read(JWT)).toEqual({ ...jwt, tenantClaim: 'tenant', scopeClaim: 'scope' })
    const claims = { JWT_TENANT_CLAIM: 'org_id', JWT_SCOPE_CLAIM: 'permissions' }
    expect(read({ ...JWT, ...claims })).toEqual({ ...jwt, tenantClaim: 'org_id', scopeClaim: 'permissions' })
  })

  it.each(Object.keys(JWT))('are incomplete without %s', (name) => {
    expect(read({ ...JWT, [name]: '' })).toEqual([expect.stringContaining('belong together')])
  })

  it.each([
    'http://issuer.example/jwks.json',
    'issuer.example',
    'file:///keys.json',
    'ftp://issuer.example/',
    'http://127.0.0.1.example/',
  ])('refuse keys from %s', (url) => {
    expect(read({ ...JWT, JWT_JWKS_URL: url })).toEqual([expect.stringContaining('JWT_JWKS_URL')])
  })

  it.each(['http://127.0.0.1:9000/jwks.json', 'http://localhost/jwks', 'http://[::1]:1/jwks'])('take keys from %s', (url) => {
    expect(read({ ...JWT, JWT_JWKS_URL: url })).toMatchObject({ jwksUrl: url })
  })
})
