import type { Configuration } from '../env.ts'
import type { KeyDirectory, StoredApiKey } from '../model/api-keys.ts'
import { EventPersistenceError } from '../model/errors.ts'
import { allows, type Scope } from '../model/scopes.ts'
import type { StoredTicket } from '../model/tickets.ts'
import type { Failure } from '../protocol/failure.ts'
import { hashSecret, KEY_PREFIX, parseKey } from './api-key.ts'
import type { CheckToken } from './jwt.ts'
import { KeyCache } from './key-cache.ts'
import { keyPresence } from './key-presence.ts'
import { mayServeOpenly } from './loopback.ts'
import { DEVELOPMENT_PRINCIPAL, type Identity, type Principal } from './principal.ts'
import { sameHash } from './same-hash.ts'
import type { Surroundings } from './surroundings.ts'
import { useNotes } from './use-notes.ts'

export type Authentication =
  | { readonly ok: true; readonly principal: Principal }
  | {
      readonly ok: false
      readonly failure: Failure
      readonly cause?: unknown
      /** Whose credential it was that no longer holds: for the record alone, no answer tells of it. */
      readonly formerly?: Identity
    }

export interface Access {
  /** Whom a request comes from, by its `Authorization` header alone. */
  authenticate(request: Request, surroundings: Surroundings): Promise<Authentication>
  /**
   * Whom a request with a ticket comes from: whoever asked for the ticket, as long as that credential holds, and allowed to read
   * only. `stored` is what is kept of the ticket, null where nothing is.
   */
  authenticateTicket(
    stored: StoredTicket | null,
    tenant: string,
    request: Request,
    surroundings: Surroundings,
  ): Promise<Authentication>
  /** What is missing before anyone can be let in, a sentence each. Throws while Postgres cannot be asked. */
  missing(): Promise<readonly string[]>
  /** This isolate no longer trusts what it knows of the key. */
  forget(keyId: string): void
}

export interface AccessDeps {
  readonly configuration: Pick<Configuration, 'environment' | 'corsOrigins'>
  readonly keys: KeyDirectory
  /** Null where no issuer of tokens is configured. */
  readonly checkToken: CheckToken | null
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
}

const BEARER = /^Bearer +(\S+)$/i

/** Compared with where there is no key, so that it takes as long as with one. */
const NO_HASH = '0'.repeat(64)

/** What a ticket allows; where it leads, the routes see to. */
const TICKET_SCOPES: ReadonlySet<Scope> = new Set(['events:read'])

const NO_CREDENTIAL = 'Send an API key or a token as Authorization: Bearer <key>.'
/** One text for all that can be wrong: which it was would help whoever guesses. */
const REFUSED = 'The credential does not hold: it is malformed, unknown, expired or revoked. Send another one.'

const OPEN_BUT_NOT_LOCAL: Failure = {
  kind: 'not-configured',
  problems: [
    'In development the service is open on loopback only, and to pages of it or of CORS_ORIGINS: elsewhere send a key. A deployment needs ENVIRONMENT=production.',
  ],
}

export function createAccess(deps: AccessDeps): Access {
  const { configuration, keys, checkToken, now, wait } = deps
  const cache = new KeyCache({ find: (keyId) => keys.find(keyId), now, wait })
  const noteUse = useNotes((keyId, at) => keys.touch(keyId, at), now)
  const development = configuration.environment === 'development'
  const isOpenTo = (request: Request) => development && mayServeOpenly(request, configuration.corsOrigins)
  const missing = development || checkToken ? async () => [] : keyPresence(() => keys.anyUsable(), now)

  async function byKey(text: string, { waitUntil, countAttempt }: Surroundings): Promise<Authentication> {
    const presented = parseKey(text)
    if (!presented) return refuse(REFUSED)
    const { key_id, secret } = presented
    const hash = await hashSecret(secret)
    const stored = await cache.find(key_id, waitUntil, countAttempt).catch(unavailable)
    if (stored instanceof EventPersistenceError) return checkFailed('API keys cannot be checked at the moment.', stored)
    const same = sameHash(hash, stored?.secret_hash ?? NO_HASH)
    if (!stored || !same) return refuse(REFUSED)
    if (!holds(stored)) return refuse(REFUSED, { tenant: stored.tenant, key_id, subject: null })
    noteUse(key_id, waitUntil)
    const { tenant, scopes, application_name } = stored
    const expires_at = stored.expires_at === null ? null : Date.parse(stored.expires_at)
    const principal = {
      kind: 'key' as const,
      tenant,
      key_id,
      subject: null,
      scopes: new Set(scopes),
      application_name,
      expires_at,
    }
    return { ok: true, principal }
  }

  async function byTicket(
    { maker, expires_at }: StoredTicket,
    tenant: string,
    request: Request,
    { waitUntil, countAttempt }: Surroundings,
  ): Promise<Authentication> {
    if (expires_at <= now()) return refuse(REFUSED)
    const none = { key_id: null, subject: null, application_name: null }
    const principal = { kind: 'development' as const, tenant, ...none, scopes: TICKET_SCOPES, expires_at }
    switch (maker.kind) {
      case 'open':
        return isOpenTo(request) ? { ok: true, principal } : refuse(REFUSED)
      case 'token':
        return checkToken ? { ok: true, principal: { ...principal, kind: 'token', subject: maker.subject } } : refuse(REFUSED)
      case 'key': {
        const stored = await cache.find(maker.key_id, waitUntil, countAttempt).catch(unavailable)
        if (stored instanceof EventPersistenceError) return checkFailed('API keys cannot be checked at the moment.', stored)
        if (!stored || stored.tenant !== tenant || !allows(new Set(stored.scopes), 'events:read')) return refuse(REFUSED)
        if (!holds(stored)) return refuse(REFUSED, { tenant, key_id: maker.key_id, subject: null })
        noteUse(maker.key_id, waitUntil)
        return { ok: true, principal: { ...principal, kind: 'key', key_id: maker.key_id } }
      }
    }
  }

  function holds({ expires_at, revoked_at }: StoredApiKey): boolean {
    return revoked_at === null && (expires_at === null || Date.parse(expires_at) > now())
  }

  async function byToken(text: string, check: CheckToken, surroundings: Surroundings): Promise<Authentication> {
    const checked = await check(text, surroundings)
    if (checked.outcome === 'holds') return { ok: true, principal: checked.principal }
    if (checked.outcome === 'refused') return refuse(REFUSED)
    return checkFailed('Tokens cannot be checked at the moment.', checked.cause)
  }

  async function check(request: Request, surroundings: Surroundings): Promise<Authentication> {
    const header = request.headers.get('Authorization') ?? ''
    // An empty one does not come through every server on the way: it means the same as none.
    if (header === '') {
      if (!development) return refuse(NO_CREDENTIAL)
      return isOpenTo(request) ? { ok: true, principal: DEVELOPMENT_PRINCIPAL } : { ok: false, failure: OPEN_BUT_NOT_LOCAL }
    }
    const [, credential] = BEARER.exec(header) ?? []
    if (credential === undefined) return refuse('The Authorization header must be: Bearer <key>.')
    if (credential.startsWith(KEY_PREFIX)) return byKey(credential, surroundings)
    return checkToken && credential.split('.').length === 3 ? byToken(credential, checkToken, surroundings) : refuse(REFUSED)
  }

  async function attempt(
    { waitUntil, countAttempt }: Surroundings,
    tryIt: (surroundings: Surroundings) => Promise<Authentication>,
  ): Promise<Authentication> {
    let counted: Promise<void> | undefined
    const once = () => {
      counted ??= countAttempt()
      return counted
    }
    const authentication = await tryIt({ waitUntil, countAttempt: once })
    if (authentication.ok) return authentication
    await once()
    if (authentication.failure.kind !== 'unauthenticated') return authentication
    // Where no credential could hold, the service itself is what is wrong.
    const problems = await missing().catch(() => [])
    return problems.length === 0 ? authentication : { ok: false, failure: { kind: 'not-configured', problems } }
  }

  return {
    authenticate: (request, surroundings) => attempt(surroundings, (counting) => check(request, counting)),
    authenticateTicket: (stored, tenant, request, surroundings) =>
      attempt(surroundings, async (counting) => (stored ? byTicket(stored, tenant, request, counting) : refuse(REFUSED))),
    missing,
    forget: (keyId) => cache.forget(keyId),
  }
}

function refuse(detail: string, formerly?: Identity): Authentication {
  const refused = { ok: false, failure: { kind: 'unauthenticated', detail } } as const
  return formerly ? { ...refused, formerly } : refused
}

function unavailable(thrown: unknown): EventPersistenceError {
  if (thrown instanceof EventPersistenceError) return thrown
  throw thrown
}

function checkFailed(detail: string, cause: unknown): Authentication {
  return { ok: false, failure: { kind: 'authentication-unavailable', detail: `${detail} Repeat the request later.` }, cause }
}
