import { type CryptoKey, createLocalJWKSet, errors, type JWSHeaderParameters } from 'jose'
import type { Surroundings } from './surroundings.ts'

/** The keys are asked for anew after this, so that a key which the issuer withdrew ends within it. */
export const KEYS_AGE_MS = 600_000

/** So old they may become while the issuer is away: an outage of its should not be one of the store. */
export const MAX_KEYS_AGE_MS = 3_600_000

/** Nor more often than this for a token with an unknown key, so that made up tokens do not load the issuer. */
const COOLDOWN_MS = 30_000

/** After a failed fetch the next one waits this long. */
const RETRY_MS = 5_000

const FETCH_TIMEOUT_MS = 3_000

/** A fetch that a request waits for no longer: beyond its own time it was lost with the request that began it. */
const PATIENCE_MS = 4_000

/** A key has a kilobyte or two, an issuer a handful of them. */
const MAX_KEYS_BYTES = 1024 * 1024

export interface IssuerKeysDeps {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
}

export type FoundKey =
  | { readonly outcome: 'found'; readonly key: CryptoKey }
  /** There is no such key, or it is none that could be used. */
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'unavailable'; readonly cause: unknown }

interface Known {
  readonly keyOf: ReturnType<typeof createLocalJWKSet>
  /** When they were asked for. */
  readonly loadedAt: number
}

interface Failed {
  readonly at: number
  readonly cause: unknown
}

/** Null when the keys are known anew. */
type Fetching = Promise<Failed | null>

/** The public keys of one issuer (RFC 7517), fetched for all requests of an isolate at once, and seldom. */
export class IssuerKeys {
  readonly #url: string
  readonly #deps: IssuerKeysDeps
  #known: Known | null = null
  #failed: Failed | null = null
  #running: { readonly since: number; readonly fetching: Fetching } | null = null

  constructor(url: string, deps: IssuerKeysDeps) {
    this.#url = url
    this.#deps = deps
  }

  /** The key that a token's header names. Throws what `countAttempt` throws, which is called before the issuer is asked. */
  async find(header: JWSHeaderParameters, surroundings: Surroundings): Promise<FoundKey> {
    if (this.#age() >= KEYS_AGE_MS) {
      const failed = await this.#refresh(surroundings)
      if (failed && this.#age() >= MAX_KEYS_AGE_MS) return unavailable(failed)
    }
    const found = await this.#look(header)
    if (found !== 'unknown') return found
    if (this.#age() >= COOLDOWN_MS) {
      const failed = await this.#refresh(surroundings)
      if (failed) return unavailable(failed)
    }
    const again = await this.#look(header)
    return again === 'unknown' ? { outcome: 'refused' } : again
  }

  #age(): number {
    return this.#known ? this.#deps.now() - this.#known.loadedAt : Number.POSITIVE_INFINITY
  }

  async #look(header: JWSHeaderParameters): Promise<FoundKey | 'unknown'> {
    try {
      return this.#known ? { outcome: 'found', key: await this.#known.keyOf(header) } : 'unknown'
    } catch (cause) {
      return cause instanceof errors.JWKSNoMatchingKey ? 'unknown' : { outcome: 'refused' }
    }
  }

  /** One fetch at a time, which goes on when the client of the request that began it has left. */
  async #refresh({ waitUntil, countAttempt }: Surroundings): Fetching {
    const { now, wait } = this.#deps
    if (this.#failed && now() - this.#failed.at < RETRY_MS) return this.#failed
    if (!this.#isRunning()) await countAttempt()
    if (!this.#running || !this.#isRunning()) {
      const since = now()
      const fetching = this.#fetch(since)
      this.#running = { since, fetching }
      waitUntil(fetching)
    }
    const late = wait(PATIENCE_MS).then(() => ({ at: now(), cause: new Error('the issuer took too long') }))
    return Promise.race([this.#running.fetching, late])
  }

  #isRunning(): boolean {
    return this.#running !== null && this.#deps.now() - this.#running.since < PATIENCE_MS
  }

  async #fetch(since: number): Fetching {
    try {
      this.#known = { keyOf: createLocalJWKSet(await fetchKeys(this.#url, this.#deps.fetch)), loadedAt: since }
      this.#failed = null
    } catch (cause) {
      this.#failed = { at: this.#deps.now(), cause }
    }
    if (this.#running?.since === since) this.#running = null
    return this.#failed
  }
}

function unavailable({ cause }: Failed): FoundKey {
  return { outcome: 'unavailable', cause: new Error('the keys of JWT_JWKS_URL could not be had', { cause }) }
}

async function fetchKeys(url: string, fetch: IssuerKeysDeps['fetch']) {
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    // Some issuers refuse whoever does not say who it is.
    headers: { Accept: 'application/json, application/jwk-set+json', 'User-Agent': 'edge-event-store' },
  })
  const text = response.status === 200 ? await readText(response) : null
  if (text === null) {
    await response.body?.cancel()
    throw new Error(`the issuer answered with status ${response.status}, or more than ${MAX_KEYS_BYTES} bytes`)
  }
  return JSON.parse(text)
}

/** Null when it is too long, without reading the rest of it. */
async function readText(response: Response): Promise<string | null> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  const reader = response.body?.getReader()
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    bytes += part.value.byteLength
    if (bytes > MAX_KEYS_BYTES) {
      reader?.releaseLock()
      return null
    }
    text += decoder.decode(part.value, { stream: true })
  }
  return text + decoder.decode()
}
