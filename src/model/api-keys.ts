import type { PageRequest } from './history.ts'
import type { Scope } from './scopes.ts'

/** What anyone who manages keys may see of one. Times are ISO 8601 in UTC. */
export interface ApiKeyInfo {
  /** Its public part, by which it is named in lists and logs. */
  readonly key_id: string
  readonly scopes: readonly Scope[]
  readonly application_name: string | null
  readonly created_at: string
  /** `key:<key id>`, `subject:<sub of a token>`, `development`, or `command`. */
  readonly created_by: string
  /** Null: it holds until it is revoked. */
  readonly expires_at: string | null
  /** To the minute. */
  readonly last_used_at: string | null
  readonly revoked_at: string | null
}

/** A key as it is checked. */
export interface StoredApiKey extends ApiKeyInfo {
  readonly tenant: string
  /** SHA-256 of the secret in lower-case hex. */
  readonly secret_hash: string
}

export type NewApiKey = Omit<StoredApiKey, 'created_at' | 'last_used_at' | 'revoked_at'>

export interface ApiKeyPage {
  readonly items: readonly (ApiKeyInfo & { readonly cursor: string })[]
  readonly more: boolean
}

/** Where keys are kept. Every operation is safe to repeat and fails with `EventPersistenceError`. */
export interface KeyDirectory {
  /** A key by its id, revoked and expired ones too; null where there is none. */
  find(keyId: string): Promise<StoredApiKey | null>
  create(key: NewApiKey): Promise<ApiKeyInfo>
  /** The tenant's keys, oldest first, revoked and expired ones too. */
  list(tenant: string, page: PageRequest): Promise<ApiKeyPage>
  /** The tenant's key, revoked now or before; null where the tenant has none of this id. */
  revoke(tenant: string, keyId: string): Promise<ApiKeyInfo | null>
  /** Notes that the key was used at this time, Unix ms. */
  touch(keyId: string, at: number): Promise<void>
  /** Whether any tenant has a key that is neither revoked nor expired. */
  anyUsable(): Promise<boolean>
}
