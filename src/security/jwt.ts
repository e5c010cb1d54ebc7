import { decodeProtectedHeader, type JWSHeaderParameters, type JWTPayload, jwtVerify } from 'jose'
import { isScope, type Scope } from '../model/scopes.ts'
import { idText, storableText } from '../model/text-rules.ts'
import { IssuerKeys, type IssuerKeysDeps } from './issuer-keys.ts'
import type { JwtSettings } from './jwt-settings.ts'
import type { Principal } from './principal.ts'
import type { Surroundings } from './surroundings.ts'

export type TokenCheck =
  | { readonly outcome: 'holds'; readonly principal: Principal }
  | { readonly outcome: 'refused' }
  /** The issuer's keys cannot be had. */
  | { readonly outcome: 'unavailable'; readonly cause: unknown }

/** Throws what `countAttempt` throws, which is called before the issuer is asked for its keys. */
export type CheckToken = (token: string, surroundings: Surroundings) => Promise<TokenCheck>

/** Signatures by a private key alone: with a symmetric one the issuer's public key would sign as well. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA']

/** How far the issuer's clock may stand from this one. */
const CLOCK_TOLERANCE_SECONDS = 60

/** Ten years: no issuer means more, and one that writes milliseconds would let its tokens hold for 50,000. */
const LONGEST_SECONDS = 10 * 366 * 24 * 60 * 60

const tenantText = idText()
const subjectText = storableText()

/** Checks tokens (RFC 7519) of one issuer. A token needs a tenant and an expiry; what it holds beside them is not looked at. */
export function tokenChecker(settings: JwtSettings, deps: IssuerKeysDeps): CheckToken {
  const { issuer, audience, jwksUrl } = settings
  const keys = new IssuerKeys(jwksUrl, deps)
  return async (token, surroundings) => {
    const header = headerOf(token)
    if (!header || !ALGORITHMS.includes(header.alg ?? '')) return { outcome: 'refused' }
    const found = await keys.find(header, surroundings)
    if (found.outcome !== 'found') return found
    const now = deps.now()
    const verified = await jwtVerify(token, found.key, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp'],
      currentDate: new Date(now),
    }).catch(() => null)
    const principal = verified && isTimely(verified.payload, now / 1000) ? principalOf(verified.payload, settings) : null
    return principal ? { outcome: 'holds', principal } : { outcome: 'refused' }
  }
}

function headerOf(token: string): JWSHeaderParameters | null {
  try {
    return decodeProtectedHeader(token)
  } catch {
    return null
  }
}

/** The times that no standard bounds. */
function isTimely({ exp, iat }: JWTPayload, seconds: number): boolean {
  if (exp === undefined || exp > seconds + LONGEST_SECONDS) return false
  return iat === undefined || iat <= seconds + CLOCK_TOLERANCE_SECONDS
}

function principalOf(payload: JWTPayload, { tenantClaim, scopeClaim }: JwtSettings): Principal | null {
  const tenant = tenantText.safeParse(own(payload, tenantClaim))
  if (!tenant.success) return null
  const subject = subjectText.safeParse(payload.sub).data ?? null
  const tokenId = subject === null ? subjectText.safeParse(payload.jti).data : undefined
  return {
    kind: 'token',
    tenant: tenant.data,
    key_id: null,
    subject,
    ...(tokenId === undefined ? {} : { token_id: tokenId }),
    scopes: scopesOf(own(payload, scopeClaim)),
    application_name: null,
    expires_at: payload.exp === undefined ? null : payload.exp * 1000,
  }
}

function own(payload: object, claim: string): unknown {
  return Object.hasOwn(payload, claim) ? (payload as Record<string, unknown>)[claim] : undefined
}

/** A list separated by spaces (RFC 8693) or an array; scopes of other services are passed over. */
function scopesOf(claim: unknown): ReadonlySet<Scope> {
  const named: readonly unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  return new Set(named.filter(isScope))
}
