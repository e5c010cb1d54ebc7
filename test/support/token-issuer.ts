import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

export const ISSUER = 'https://issuer.example/'
export const AUDIENCE = 'event-store'

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

export interface TokenIssuer {
  readonly jwksUrl: string
  /** The Worker's settings that make it take these tokens. */
  readonly vars: Record<string, string>
  /** Requests for the keys so far. */
  readonly fetches: () => number
  readonly publicKeys: Readonly<Record<Algorithm, CryptoKey>>
  /** A token that holds but for what is said otherwise; a claim that is undefined is left out. */
  sign(claims?: JWTPayload, header?: { alg?: Algorithm; kid?: string; key?: CryptoKey }): Promise<string>
  /** What the next requests for the keys are answered with; null for the keys. */
  answer(status: number | null, body?: string): void
  close(): Promise<void>
}

/** An issuer with a key of each algorithm, and a server for its public keys. */
export async function startTokenIssuer(): Promise<TokenIssuer> {
  const pairs = await Promise.all(ALGORITHMS.map((alg) => generateKeyPair(alg, { extractable: true })))
  const keys = await Promise.all(
    pairs.map(async ({ publicKey }, i) => ({ ...(await exportJWK(publicKey)), kid: ALGORITHMS[i], alg: ALGORITHMS[i] })),
  )
  const pairOf = (alg: Algorithm) => pairs[ALGORITHMS.indexOf(alg)] as (typeof pairs)[number]
  let fetches = 0
  let other: { status: number; body: string } | null = null
  const server = createServer((_, response) => {
    fetches += 1
    const { status, body } = other ?? { status: 200, body: JSON.stringify({ keys }) }
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
  return {
    jwksUrl,
    vars: { JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_URL: jwksUrl },
    fetches: () => fetches,
    publicKeys: {
      RS256: pairOf('RS256').publicKey,
      ES256: pairOf('ES256').publicKey,
      EdDSA: pairOf('EdDSA').publicKey,
    },
    sign(claims = {}, { alg = 'ES256', kid = alg, key = pairOf(alg).privateKey } = {}) {
      const now = Math.floor(Date.now() / 1000)
      const all = { iss: ISSUER, aud: AUDIENCE, sub: 'user-1', exp: now + 600, tenant: 'acme', scope: 'events:read', ...claims }
      const payload = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
      return new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key)
    },
    answer(status, body = '') {
      other = status === null ? null : { status, body }
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
