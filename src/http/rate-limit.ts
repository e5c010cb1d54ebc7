import { describeError } from '../model/describe-error.ts'
import type { Log } from '../model/log.ts'
import { type RateLimitPolicy, RequestFailure } from '../protocol/failure.ts'
import type { Principal } from '../security/principal.ts'

/*
 * The platform counts for each of its locations by itself, and tells no more than whether there is room. How much there is
 * stands in wrangler.toml; the numbers here are what answers say of it, and a test holds the two together.
 */

/** Far above what one application's agents do, so that only a client that has run wild meets it. */
export const REQUEST_POLICY: RateLimitPolicy = {
  name: 'requests',
  limit: 10_000,
  seconds: 10,
  counts: 'requests with this credential',
}

/** Refused credentials, and those that Postgres has to be asked about: guessing must not load it. */
export const CREDENTIAL_POLICY: RateLimitPolicy = {
  name: 'credentials',
  limit: 600,
  seconds: 60,
  counts: 'attempts to authenticate from this address',
}

export interface RateLimits {
  /** Counts a request of an authenticated caller. Throws the failure of kind `rate-limited` when there are too many. */
  request(caller: Caller): Promise<void>
  /** The same for what a request's credential costs before it is known to hold. */
  credential(request: Request): Promise<void>
}

/** Who is counted, as authentication found it. */
export type Caller = Pick<Principal, 'kind' | 'tenant' | 'key_id' | 'subject' | 'ticket'>

/** What the platform's binding has. */
interface Limiter {
  limit(options: { key: string }): Promise<{ readonly success: boolean }>
}

interface Limiters {
  readonly RATE_LIMITER?: Limiter
  readonly CREDENTIAL_LIMITER?: Limiter
}

/** A binding that is missing limits nothing; one that fails lets pass, since a request is worth more than its count. */
export function limitsOf({ RATE_LIMITER, CREDENTIAL_LIMITER }: Limiters, log: Log): RateLimits {
  const take = async (limiter: Limiter | undefined, policy: RateLimitPolicy, key: string) => {
    const outcome = await limiter?.limit({ key }).catch((error: unknown) => {
      log('warn', 'a rate limit could not be asked', { policy: policy.name, error: describeError(error) })
      return undefined
    })
    if (outcome?.success === false) throw new RequestFailure({ kind: 'rate-limited', policy })
  }
  return {
    async request(caller) {
      const key = keyOfCaller(caller)
      if (key !== null) await take(RATE_LIMITER, REQUEST_POLICY, key)
    },
    credential: (request) => take(CREDENTIAL_LIMITER, CREDENTIAL_POLICY, keyOfAddress(request.headers.get('CF-Connecting-IP'))),
  }
}

/**
 * Null for the open service of development, which has no callers to tell apart; a tenant's tokens that name nobody count as one.
 * Each ticket counts by itself: who got one must not use up the room of the server that asked for it.
 */
function keyOfCaller({ kind, tenant, key_id, subject, ticket }: Caller): string | null {
  if (ticket !== undefined && kind !== 'development') return `ticket:${ticket}`
  if (key_id !== null) return `key:${key_id}`
  if (kind === 'development') return null
  return subject === null ? `tenant:${tenant}` : `subject:${JSON.stringify([tenant, subject])}`
}

/** Whoever has an IPv6 address has the 2^64 of its network: they count as one. */
export function keyOfAddress(address: string | null): string {
  if (address === null) return 'unknown'
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const before = head.split(':').filter((group) => group !== '')
  const after = tail === undefined ? [] : tail.split(':').filter((group) => group !== '')
  const zeros = tail === undefined ? 0 : Math.max(8 - before.length - after.length, 0)
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
