import { ALL_SCOPES, type Scope } from '../model/scopes.ts'

/** Whom a request comes from, by its credential alone. */
export interface Principal {
  readonly tenant: string
  /** The public part of the API key; null for a token, and for the open development service. */
  readonly key_id: string | null
  /** The token's `sub`; null for a key. */
  readonly subject: string | null
  readonly scopes: ReadonlySet<Scope>
  /** Of the key: fills `metadata.application_name` where neither the event nor its request names one. */
  readonly application_name: string | null
}

/** How a record names who did something. */
export function authorOf({ key_id, subject }: Principal): string {
  if (key_id !== null) return `key:${key_id}`
  return subject === null ? 'development' : `subject:${subject}`
}

/** Whoever asks the open development service on its own machine. */
export const DEVELOPMENT_PRINCIPAL: Principal = {
  tenant: 'default',
  key_id: null,
  subject: null,
  scopes: ALL_SCOPES,
  application_name: null,
}
