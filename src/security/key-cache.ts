import type { StoredApiKey } from '../model/api-keys.ts'
import { EventPersistenceError } from '../model/errors.ts'

/** A key is trusted this long without asking: so long a revocation may take to reach another isolate. */
export const MAX_KEY_AGE_MS = 60_000

/** From this age on a key in use is asked for again beside the request, so that no request has to wait for it. */
const REFRESH_AGE_MS = 30_000

/** How long an id is known to be unknown. Short: a key may be used the moment it is made. */
const UNKNOWN_AGE_MS = 5_000

/** After a failed lookup the next one waits this long. */
const RETRY_MS = 5_000

/** A lookup that a request waits for no longer: longer than the database's own limits on it. */
const PATIENCE_MS = 10_000

/** Keys kept at most, and as many unknown ids apart from them, so that guesses do not drive out keys. About 500 bytes each. */
export const MAX_CACHED = 10_000

interface Entry {
  readonly key: StoredApiKey
  /** When it was asked for: what came back may be of then. */
  readonly loadedAt: number
  /** When the last lookup was begun, if it failed. */
  failedAt: number | null
}

interface Lookup {
  readonly since: number
  readonly found: Promise<StoredApiKey | null>
}

export interface KeyCacheDeps {
  readonly find: (keyId: string) => Promise<StoredApiKey | null>
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
}

/**
 * The keys that one isolate has seen lately. While the directory cannot be reached a known key goes on as it was, however
 * old: a revocation could not be written then either. That it could not be reached is known for as long as a key is, so that
 * a revocation after an outage takes no longer than any. Unknown ids wait for the directory.
 */
export class KeyCache {
  readonly #deps: KeyCacheDeps
  /** The least recently used first. */
  readonly #known = new Map<string, Entry>()
  readonly #unknown = new Map<string, number>()
  readonly #lookups = new Map<string, Lookup>()

  constructor(deps: KeyCacheDeps) {
    this.#deps = deps
  }

  /**
   * The key of this id, or null. Throws what `find` throws when nothing is known of the id and the directory is away; and what
   * `beforeLookup` throws, which is called before the directory is asked for an id of which nothing is known.
   */
  async find(
    keyId: string,
    waitUntil: (work: Promise<unknown>) => void,
    beforeLookup: () => Promise<void>,
  ): Promise<StoredApiKey | null> {
    const now = this.#deps.now()
    const entry = this.#known.get(keyId)
    if (!entry) {
      const unknownSince = this.#unknown.get(keyId)
      if (unknownSince !== undefined && now - unknownSince < UNKNOWN_AGE_MS) return null
      await beforeLookup()
      return this.#patiently(this.#lookUp(keyId, waitUntil))
    }
    remember(this.#known, keyId, entry)
    const age = now - entry.loadedAt
    if (age < REFRESH_AGE_MS) return entry.key
    const sinceFailure = entry.failedAt === null ? Number.POSITIVE_INFINITY : now - entry.failedAt
    if (Math.min(age, sinceFailure) < MAX_KEY_AGE_MS) {
      if (sinceFailure >= RETRY_MS) {
        this.#lookUp(keyId, waitUntil).catch(() => undefined)
      }
      return entry.key
    }
    try {
      return await this.#patiently(this.#lookUp(keyId, waitUntil))
    } catch {
      return entry.key
    }
  }

  /** Makes the next request ask anew. */
  forget(keyId: string): void {
    this.#known.delete(keyId)
    this.#unknown.delete(keyId)
    this.#lookups.delete(keyId)
  }

  /** One at a time for an id. It goes on when the client of the request that began it has left, for others wait for it. */
  #lookUp(keyId: string, waitUntil: (work: Promise<unknown>) => void): Promise<StoredApiKey | null> {
    const now = this.#deps.now()
    const running = this.#lookups.get(keyId)
    if (running && now - running.since < PATIENCE_MS) return running.found
    const lookup: Lookup = { since: now, found: this.#deps.find(keyId) }
    this.#lookups.set(keyId, lookup)
    const settled = lookup.found.then(
      (key) => this.#settle(keyId, lookup, () => this.#learn(keyId, key, lookup.since)),
      () => this.#settle(keyId, lookup, () => this.#fail(keyId, lookup.since)),
    )
    waitUntil(settled)
    return lookup.found
  }

  /** What was asked before the key was forgotten tells nothing any more. */
  #settle(keyId: string, lookup: Lookup, act: () => void): void {
    if (this.#lookups.get(keyId) !== lookup) return
    this.#lookups.delete(keyId)
    act()
  }

  #learn(keyId: string, key: StoredApiKey | null, loadedAt: number): void {
    if (key) {
      this.#unknown.delete(keyId)
      remember(this.#known, keyId, { key, loadedAt, failedAt: null })
    } else {
      this.#known.delete(keyId)
      remember(this.#unknown, keyId, loadedAt)
    }
  }

  #fail(keyId: string, failedAt: number): void {
    const entry = this.#known.get(keyId)
    if (entry) entry.failedAt = failedAt
  }

  async #patiently(found: Promise<StoredApiKey | null>): Promise<StoredApiKey | null> {
    const late = this.#deps.wait(PATIENCE_MS).then((): never => {
      throw new EventPersistenceError('The lookup of a key took too long.', { operation: 'find a key', transient: true })
    })
    return Promise.race([found, late])
  }
}

function remember<T>(map: Map<string, T>, keyId: string, value: T): void {
  map.delete(keyId)
  map.set(keyId, value)
  if (map.size <= MAX_CACHED) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}
