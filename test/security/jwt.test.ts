import { createHmac } from 'node:crypto'
import { exportSPKI, generateKeyPair, type JWTPayload } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TokenCheck, tokenChecker } from '../../src/security/jwt.ts'
import type { JwtSettings } from '../../src/security/jwt-settings.ts'
import { AUDIENCE, ISSUER, startTokenIssuer, type TokenIssuer } from '../support/token-issuer.ts'

let issuer: TokenIssuer
let check: (token: string) => Promise<TokenCheck>

const settings = () => ({
  issuer: ISSUER,
  audience: AUDIENCE,
  jwksUrl: issuer.jwksUrl,
  tenantClaim: 'tenant',
  scopeClaim: 'scope',
})

function checkerOf(settings: JwtSettings): (token: string) => Promise<TokenCheck> {
  const deps = { fetch, now: Date.now, wait: () => new Promise<void>(() => undefined) }
  const checkToken = tokenChecker(settings, deps)
  return (token) => checkToken(token, { waitUntil: () => undefined, countAttempt: async () => undefined })
}

beforeAll(async () => {
  issuer = await startTokenIssuer()
})
afterAll(() => issuer?.close())
beforeEach(() => {
  issuer.answer(null)
  check = checkerOf(settings())
})

const seconds = () => Math.floor(Date.now() / 1000)
const base64Url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

function claims(): JWTPayload {
  return { iss: ISSUER, aud: AUDIENCE, sub: 'user-1', exp: seconds() + 600, tenant: 'acme', scope: 'admin' }
}

describe('a token', () => {
  it.each(['RS256', 'ES256', 'EdDSA'] as const)('signed with %s names tenant, subject and scopes', async (alg) => {
    const token = await issuer.sign({ scope: 'events:read events:write openid' }, { alg })
    expect(await check(token)).toEqual({
      outcome: 'holds',
      principal: {
        kind: 'token',
        tenant: 'acme',
        key_id: null,
        subject: 'user-1',
        scopes: new Set(['events:read', 'events:write']),
        application_name: null,
        expires_at: expect.any(Number),
      },
    })
  })

  it('may list its scopes in an array, and be for several audiences', async () => {
    const checked = await check(await issuer.sign({ scope: ['events:erase', 'Admin', 7], aud: ['other', AUDIENCE] }))
    expect(checked).toMatchObject({ outcome: 'holds', principal: { scopes: new Set(['events:erase']) } })
  })

  it.each([[undefined], [''], [null], [{ admin: true }], ['ADMIN'], [7]])('with the scopes %j allows nothing', async (scope) => {
    expect(await check(await issuer.sign({ scope }))).toMatchObject({ outcome: 'holds', principal: { scopes: new Set() } })
  })

  it('names the tenant in the claim that is configured, and in no other', async () => {
    const other = checkerOf({ ...settings(), tenantClaim: 'https://acme.example/org', scopeClaim: 'permissions' })
    const named = { 'https://acme.example/org': 'globex', permissions: ['admin'] }
    expect(await other(await issuer.sign(named))).toMatchObject({ principal: { tenant: 'globex', scopes: new Set(['admin']) } })
    expect(await other(await issuer.sign())).toEqual({ outcome: 'refused' })
    const inherited = checkerOf({ ...settings(), tenantClaim: 'constructor' })
    expect(await inherited(await issuer.sign())).toEqual({ outcome: 'refused' })
  })

  it.each([[undefined], [''], [7], ['x'.repeat(300)], ['a\u0000b']])('with the subject %j names nobody', async (sub) => {
    const subject = sub === '' ? '' : null
    const checked = await check(await issuer.sign({ sub } as unknown as JWTPayload))
    expect(checked).toMatchObject({ outcome: 'holds', principal: { kind: 'token', subject } })
  })

  it('is named by its id for the record where it names nobody', async () => {
    expect(await check(await issuer.sign({ jti: 'token-1', sub: undefined } as unknown as JWTPayload))).toMatchObject({
      principal: { subject: null, token_id: 'token-1' },
    })
    expect(await check(await issuer.sign({ jti: 'token-1', sub: 'alice' }))).not.toHaveProperty('principal.token_id')
    expect(await check(await issuer.sign({ jti: 'x'.repeat(300), sub: undefined } as unknown as JWTPayload))).not.toHaveProperty(
      'principal.token_id',
    )
  })

  it('may be a minute off the clock', async () => {
    expect(await check(await issuer.sign({ exp: seconds() - 30 }))).toMatchObject({ outcome: 'holds' })
    expect(await check(await issuer.sign({ nbf: seconds() + 30 }))).toMatchObject({ outcome: 'holds' })
    expect(await check(await issuer.sign({ iat: seconds() + 30 }))).toMatchObject({ outcome: 'holds' })
  })

  it.each<[string, () => JWTPayload]>([
    ['of another issuer', () => ({ iss: 'https://other.example/' })],
    ['of no issuer', () => ({ iss: undefined }) as unknown as JWTPayload],
    ['for another audience', () => ({ aud: 'other' })],
    ['for no audience', () => ({ aud: undefined }) as unknown as JWTPayload],
    ['that has expired', () => ({ exp: seconds() - 120 })],
    ['that never expires', () => ({ exp: undefined }) as unknown as JWTPayload],
    ['that expires in eleven years', () => ({ exp: seconds() + 11 * 366 * 86_400 })],
    ['whose expiry is in milliseconds', () => ({ exp: Date.now() + 600_000 })],
    ['whose expiry is beyond all numbers', () => ({ exp: 1e300 })],
    ['that was issued in the future', () => ({ iat: seconds() + 120 })],
    ['that is not valid yet', () => ({ nbf: seconds() + 120 })],
    ['without a tenant', () => ({ tenant: undefined })],
    ['with an empty tenant', () => ({ tenant: '' })],
    ['with a tenant that is no text', () => ({ tenant: ['acme'] })],
    ['with a tenant that is too long', () => ({ tenant: 'x'.repeat(257) })],
    ['with a tenant that holds a control character', () => ({ tenant: 'a\u0000b' })],
  ])('%s is refused', async (_, changed) => {
    expect(await check(await issuer.sign(changed()))).toEqual({ outcome: 'refused' })
  })

  it('without a signature is refused, whatever it calls that', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      expect(await check(`${base64Url({ alg, kid: 'ES256' })}.${base64Url(claims())}.`)).toEqual({ outcome: 'refused' })
    }
    const [header, payload] = (await issuer.sign()).split('.')
    expect(await check(`${header}.${payload}.`)).toEqual({ outcome: 'refused' })
  })

  it('signed with the public key as if it were a symmetric one is refused', async () => {
    const publicKey = await exportSPKI(issuer.publicKeys.RS256)
    for (const secret of [publicKey, publicKey.trim()]) {
      const signed = `${base64Url({ alg: 'HS256', kid: 'RS256' })}.${base64Url(claims())}`
      const signature = createHmac('sha256', secret).update(signed).digest('base64url')
      expect(await check(`${signed}.${signature}`)).toEqual({ outcome: 'refused' })
    }
  })

  it('signed with another key, under the name of a known one or of none, is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    expect(await check(await issuer.sign({}, { key: privateKey }))).toEqual({ outcome: 'refused' })
    expect(await check(await issuer.sign({}, { key: privateKey, kid: 'unknown' }))).toEqual({ outcome: 'refused' })
  })

  it('that was changed after it was signed is refused', async () => {
    const [header, , signature] = (await issuer.sign()).split('.')
    expect(await check(`${header}.${base64Url({ ...claims(), tenant: 'globex' })}.${signature}`)).toEqual({ outcome: 'refused' })
  })

  it.each(['..', 'a.b.c', '.a.', 'e30.e30.e30', `${'x'.repeat(10_000)}.y.z`])('cannot be %j', async (text) => {
    expect(await check(text)).toEqual({ outcome: 'refused' })
  })
})
