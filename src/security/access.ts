import type { Configuration } from '../env.ts'
import type { KeyDirectory } from '../model/api-keys.ts'
import { EventPersistenceError } from '../model/errors.ts'
import type { Failure } from '../protocol/failure.ts'
import { hashSecret, KEY_PREFIX, parseKey } from './api-key.ts'
import type { CheckToken } from './jwt.ts'
import { KeyCache } from './key-cache.ts'
import { keyPresence } from './key-presence.ts'
import { mayServeOpenly } from './loopback.ts'
import { DEVELOPMENT_PRINCIPAL, type Principal } from './principal.ts'
import { sameHash } from './same-hash.ts'
import { useNotes } from './use-notes.ts'

export type Authentication =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly failure: Failure; readonly cause?: unknown }

/** What checking a credential needs of its request's surroundings. */
export interface Surroundings {
  /** Lets work go on after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void
  /** Counts an attempt that costs a query or is refused, once a request; throws when there were too many. */
  readonly countAttempt: () => Promise<void>
}

export interface Access {
  /** Whom a request comes from, by its `Authorization` header alone. */
  authenticate(request: Request, surroundings: Surroundings): Promise<Authentication>
  /** What is missing before anyone can be let in, a sentence each. Throws while Postgres cannot be asked. */
  missing(): Promise<readonly string[]>
  /** This isolate no longer trusts what it knows of the key. */
  forget(keyId: string): void
}

export interface AccessDeps {
  readonly configuration: Pick<Configuration, 'environment'>
  readonly keys: KeyDirectory
  /** Null where no issuer of tokens is configured. */
  readonly checkToken: CheckToken | null
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
}

const BEARER = /^Bearer +(\S+)$/i

/** Compared with where there is no key, so that it takes as long as with one. */
const NO_HASH = '0'.repeat(64)

const NO_CREDENTIAL = 'Send an API key or a token as Authorization: Bearer <key>.'
/** One text for all that can be wrong: which it was would help whoever guesses. */
const REFUSED = 'The credential does not hold: it is malformed, unknown, expired or revoked. Send another one.'

const OPEN_BUT_NOT_LOCAL: Failure = {
  kind: 'not-configured',
  problems: [
    'In development the service is open on loopback only: elsewhere send a key. A deployment needs ENVIRONMENT=production.',
  ],
}

export function createAccess(deps: AccessDeps): Access {
  const { configuration, keys, checkToken, now, wait } = deps
  const cache = new KeyCache({ find: (keyId) => keys.find(keyId), now, wait })
  const noteUse = useNotes((keyId, at) => keys.touch(keyId, at), now)
  const development = configuration.environment === 'development'
  const missing = development || checkToken ? async () => [] : keyPresence(() => keys.anyUsable(), now)

  async function byKey(text: string, { waitUntil, countAttempt }: Surroundings): Promise<Authentication> {
    const presented = parseKey(text)
    if (!presented) return refuse(REFUSED)
    const { key_id, secret } = presented
    const hash = await hashSecret(secret)
    const stored = await cache.find(key_id, waitUntil, countAttempt).catch(unavailable)
    if (stored instanceof EventPersistenceError) return checkFailed('API keys cannot be checked at the moment.', stored)
    const same = sameHash(hash, stored?.secret_hash ?? NO_HASH)
    const expired = stored?.expires_at != null && Date.parse(stored.expires_at) <= now()
    if (!stored || !same || expired || stored.revoked_at !== null) return refuse(REFUSED)
    noteUse(key_id, waitUntil)
    const { tenant, scopes, application_name } = stored
    return { ok: true, principal: { tenant, key_id, subject: null, scopes: new Set(scopes), application_name } }
  }

  async function byToken(text: string, check: CheckToken): Promise<Authentication> {
    const checked = await check(text)
    if (checked.outcome === 'holds') return { ok: true, principal: checked.principal }
    if (checked.outcome === 'refused') return refuse(REFUSED)
    return checkFailed('Tokens cannot be checked at the moment.', checked.cause)
  }

  async function check(request: Request, surroundings: Surroundings): Promise<Authentication> {
    const header = request.headers.get('Authorization')
    if (header === null) {
      if (!development) return refuse(NO_CREDENTIAL)
      return mayServeOpenly(request) ? { ok: true, principal: DEVELOPMENT_PRINCIPAL } : { ok: false, failure: OPEN_BUT_NOT_LOCAL }
    }
    const [, credential] = BEARER.exec(header) ?? []
    if (credential === undefined) return refuse('The Authorization header must be: Bearer <key>.')
    if (credential.startsWith(KEY_PREFIX)) return byKey(credential, surroundings)
    return checkToken && credential.split('.').length === 3 ? byToken(credential, checkToken) : refuse(REFUSED)
  }

  return {
    async authenticate(request, { waitUntil, countAttempt }) {
      let counted: Promise<void> | undefined
      const once = () => {
        counted ??= countAttempt()
        return counted
      }
      const authentication = await check(request, { waitUntil, countAttempt: once })
      if (authentication.ok) return authentication
      await once()
      if (authentication.failure.kind !== 'unauthenticated') return authentication
      // Where no credential could hold, the service itself is what is wrong.
      const problems = await missing().catch(() => [])
      return problems.length === 0 ? authentication : { ok: false, failure: { kind: 'not-configured', problems } }
    },
    missing,
    forget: (keyId) => cache.forget(keyId),
  }
}

function refuse(detail: string): Authentication {
  return { ok: false, failure: { kind: 'unauthenticated', detail } }
}

function unavailable(thrown: unknown): EventPersistenceError {
  if (thrown instanceof EventPersistenceError) return thrown
  throw thrown
}

function checkFailed(detail: string, cause: unknown): Authentication {
  return { ok: false, failure: { kind: 'authentication-unavailable', detail: `${detail} Repeat the request later.` }, cause }
}
