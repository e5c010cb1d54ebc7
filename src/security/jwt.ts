import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { isScope, type Scope } from '../model/scopes.ts'
import { idText, storableText } from '../model/text-rules.ts'
import type { JwtSettings } from './jwt-settings.ts'
import type { Principal } from './principal.ts'

export type TokenCheck =
  | { readonly outcome: 'holds'; readonly principal: Principal }
  | { readonly outcome: 'refused' }
  /** The issuer's keys cannot be had. */
  | { readonly outcome: 'unavailable'; readonly cause: unknown }

export type CheckToken = (token: string) => Promise<TokenCheck>

/** Signatures by a private key alone: with a symmetric one the issuer's public key would sign as well. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA']

/** How far the issuer's clock may stand from this one. */
const CLOCK_TOLERANCE_SECONDS = 60

const JWKS_TIMEOUT_MS = 3_000
/** The keys are asked for anew after this, so that a key which the issuer withdrew ends within it. */
const JWKS_AGE_MS = 600_000
/** Nor more often than this for a token with an unknown key, so that made up tokens do not load the issuer. */
const JWKS_COOLDOWN_MS = 30_000

const tenantText = idText()
const subjectText = storableText()

/** Failures that say something of the token; all others in finding its key say that the keys cannot be had. */
const OF_THE_TOKEN = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]

class KeysUnavailable extends Error {}

/** Checks tokens (RFC 7519) of one issuer. A token needs a tenant and an expiry; what it holds beside them is not looked at. */
export function tokenChecker({ issuer, audience, jwksUrl, tenantClaim, scopeClaim }: JwtSettings): CheckToken {
  const jwks = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: JWKS_TIMEOUT_MS,
    cacheMaxAge: JWKS_AGE_MS,
    cooldownDuration: JWKS_COOLDOWN_MS,
  })
  const keyOf: JWTVerifyGetKey = async (header, token) => {
    try {
      return await jwks(header, token)
    } catch (cause) {
      if (OF_THE_TOKEN.some((known) => cause instanceof known)) throw cause
      throw new KeysUnavailable('the keys of JWT_JWKS_URL could not be had', { cause })
    }
  }
  const options = {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp'],
  }
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keyOf, options)
      const tenant = tenantText.safeParse(own(payload, tenantClaim))
      if (!tenant.success) return { outcome: 'refused' }
      const scopes = scopesOf(own(payload, scopeClaim))
      const principal = {
        tenant: tenant.data,
        key_id: null,
        subject: subjectText.safeParse(payload.sub).data ?? null,
        scopes,
        application_name: null,
      }
      return { outcome: 'holds', principal }
    } catch (cause) {
      return cause instanceof KeysUnavailable ? { outcome: 'unavailable', cause } : { outcome: 'refused' }
    }
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
