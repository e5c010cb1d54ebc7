import type { ApiKeyInfo, ApiKeyPage, KeyDirectory, NewApiKey, StoredApiKey } from '../../model/api-keys.ts'
import type { PageRequest } from '../../model/history.ts'

/** Notes of use nearer than this to the last one are left out, as in Postgres. */
const TOUCH_INTERVAL_MS = 60_000

/** The keys in the memory of one process, in the order in which they were made. */
export class InMemoryKeyDirectory implements KeyDirectory {
  readonly #keys = new Map<string, StoredApiKey>()
  readonly #changed: (key: StoredApiKey) => void
  readonly #now: () => number

  /** `changed` is told of every key that is new or other than before, as it is then. */
  constructor(changed: (key: StoredApiKey) => void = () => undefined, now: () => number = Date.now) {
    this.#changed = changed
    this.#now = now
  }

  /** Takes a key as `changed` told it. */
  restore(key: StoredApiKey): void {
    this.#keys.set(key.key_id, key)
  }

  async find(keyId: string): Promise<StoredApiKey | null> {
    return this.#keys.get(keyId) ?? null
  }

  async create(key: NewApiKey): Promise<ApiKeyInfo> {
    const known = this.#keys.get(key.key_id)
    if (known && known.secret_hash !== key.secret_hash) throw new Error('the id of a new key was taken')
    return infoOf(known ?? this.#put({ ...key, created_at: this.#time(), last_used_at: null, revoked_at: null }))
  }

  async list(tenant: string, { after = '0', limit }: PageRequest): Promise<ApiKeyPage> {
    const following = [...this.#keys.values()]
      .map((key, place) => ({ key, position: place + 1 }))
      .filter(({ key, position }) => key.tenant === tenant && position > Number(after))
    const items = following.slice(0, limit).map(({ key, position }) => ({ ...infoOf(key), cursor: String(position) }))
    return { items, more: following.length > limit }
  }

  async revoke(tenant: string, keyId: string): Promise<ApiKeyInfo | null> {
    const key = this.#keys.get(keyId)
    if (key?.tenant !== tenant) return null
    return infoOf(key.revoked_at === null ? this.#put({ ...key, revoked_at: this.#time() }) : key)
  }

  async touch(keyId: string, at: number): Promise<void> {
    const key = this.#keys.get(keyId)
    if (!key || at - Date.parse(key.last_used_at ?? '1970-01-01T00:00:00Z') <= TOUCH_INTERVAL_MS) return
    this.#put({ ...key, last_used_at: new Date(at).toISOString() })
  }

  async anyUsable(): Promise<boolean> {
    const now = this.#now()
    return [...this.#keys.values()].some(
      ({ revoked_at, expires_at }) => revoked_at === null && (expires_at === null || Date.parse(expires_at) > now),
    )
  }

  #put(key: StoredApiKey): StoredApiKey {
    this.#keys.set(key.key_id, key)
    this.#changed(key)
    return key
  }

  #time(): string {
    return new Date(this.#now()).toISOString()
  }
}

function infoOf({ tenant: _tenant, secret_hash: _hash, ...info }: StoredApiKey): ApiKeyInfo {
  return info
}
