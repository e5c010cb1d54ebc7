import { createHmac } from 'node:crypto'
import { exportSPKI, generateKeyPair, type JWTPayload } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CheckToken, tokenChecker } from '../../src/security/jwt.ts'
import { AUDIENCE, ISSUER, startTokenIssuer, type TokenIssuer } from '../support/token-issuer.ts'

let issuer: TokenIssuer
let check: CheckToken

const settings = () => ({
  issuer: ISSUER,
  audience: AUDIENCE,
  jwksUrl: issuer.jwksUrl,
  tenantClaim: 'tenant',
  scopeClaim: 'scope',
})

beforeAll(async () => {
  issuer = await startTokenIssuer()
})
afterAll(() => issuer?.close())
beforeEach(() => {
  issuer.answer(null)
  check = tokenChecker(settings())
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
        tenant: 'acme',
        key_id: null,
        subject: 'user-1',
        scopes: new Set(['events:read', 'events:write']),
        application_name: null,
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
    const other = tokenChecker({ ...settings(), tenantClaim: 'https://acme.example/org', scopeClaim: 'permissions' })
    const named = { 'https://acme.example/org': 'globex', permissions: ['admin'] }
    expect(await other(await issuer.sign(named))).toMatchObject({ principal: { tenant: 'globex', scopes: new Set(['admin']) } })
    expect(await other(await issuer.sign())).toEqual({ outcome: 'refused' })
    const inherited = tokenChecker({ ...settings(), tenantClaim: 'constructor' })
    expect(await inherited(await issuer.sign())).toEqual({ outcome: 'refused' })
  })

  it('may be a minute off the clock', async () => {
    expect(await check(await issuer.sign({ exp: seconds() - 30 }))).toMatchObject({ outcome: 'holds' })
    expect(await check(await issuer.sign({ nbf: seconds() + 30 }))).toMatchObject({ outcome: 'holds' })
  })

  it.each<[string, () => JWTPayload]>([
    ['of another issuer', () => ({ iss: 'https://other.example/' })],
    ['of no issuer', () => ({ iss: undefined }) as unknown as JWTPayload],
    ['for another audience', () => ({ aud: 'other' })],
    ['for no audience', () => ({ aud: undefined }) as unknown as JWTPayload],
    ['that has expired', () => ({ exp: seconds() - 120 })],
    ['that never expires', () => ({ exp: undefined }) as unknown as JWTPayload],
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

describe("the issuer's keys", () => {
  it('are asked for once, and not again for every made up key', async () => {
    const before = issuer.fetches()
    const { privateKey } = await generateKeyPair('ES256')
    await check(await issuer.sign())
    for (const kid of ['x', 'y', 'z']) await check(await issuer.sign({}, { key: privateKey, kid }))
    await check(await issuer.sign())
    expect(issuer.fetches()).toBe(before + 1)
  })

  it.each<[string, number, string]>([
    ['an error', 500, ''],
    ['a redirection', 302, ''],
    ['what is no JSON', 200, '<html>'],
    ['what is no set of keys', 200, '{"keys":7}'],
  ])('that are answered with %s make tokens uncheckable, not wrong', async (_, status, body) => {
    issuer.answer(status, body)
    expect(await check(await issuer.sign())).toMatchObject({ outcome: 'unavailable' })
    issuer.answer(null)
    expect(await check(await issuer.sign())).toMatchObject({ outcome: 'holds' })
  })

  it('that cannot be reached do the same', async () => {
    const unreachable = tokenChecker({ ...settings(), jwksUrl: 'http://127.0.0.1:9/jwks.json' })
    expect(await unreachable(await issuer.sign())).toMatchObject({ outcome: 'unavailable' })
  })

  it('that were read serve on while the issuer is away', async () => {
    await check(await issuer.sign())
    issuer.answer(500)
    expect(await check(await issuer.sign())).toMatchObject({ outcome: 'holds' })
  })
})
