import { ALL_SCOPES, type Scope } from '../model/scopes.ts'
import type { TicketMaker } from '../model/tickets.ts'

/** What a record names of whoever did something. */
export type Identity = Pick<Principal, 'tenant' | 'key_id' | 'subject' | 'token_id'>

/** Whom a request comes from, by its credential alone. */
export interface Principal {
  /** What it showed; `development` for nothing, to the open development service. */
  readonly kind: 'key' | 'token' | 'development'
  readonly tenant: string
  /** The public part of the API key; null for all else. */
  readonly key_id: string | null
  /** The token's `sub`; null where it has none that could be stored, and for all else. */
  readonly subject: string | null
  /** The `jti` of a token that has no such `sub`, if it has one. */
  readonly token_id?: string
  /** Which ticket of theirs they showed, the beginning of its hash: tells tickets apart, and opens nothing. */
  readonly ticket?: string
  readonly scopes: ReadonlySet<Scope>
  /** Of the key: fills `metadata.application_name` where neither the event nor its request names one. */
  readonly application_name: string | null
  /** When its credential ends by itself, Unix ms. */
  readonly expires_at: number | null
}

/** Under which credential a ticket of this principal stands. */
export function ticketMakerOf({ kind, key_id, subject }: Principal): TicketMaker {
  if (key_id !== null) return { kind: 'key', key_id }
  return kind === 'token' ? { kind, subject } : { kind: 'open' }
}

/** How a record names who did something. */
export function authorOf({ kind, key_id, subject }: Principal): string {
  if (key_id !== null) return `key:${key_id}`
  return subject === null ? kind : `subject:${subject}`
}

/** Whoever asks the open development service on its own machine. */
export const DEVELOPMENT_PRINCIPAL: Principal = {
  kind: 'development',
  tenant: 'default',
  key_id: null,
  subject: null,
  scopes: ALL_SCOPES,
  application_name: null,
  expires_at: null,
}
