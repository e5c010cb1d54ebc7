import type { PageRequest } from './history.ts'

export const AUDIT_OUTCOMES = ['ok', 'denied', 'failed'] as const
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number]

/** Who did what, when, from where, and what came of it. Holds neither event data nor secrets. */
export interface AuditEntry {
  /** A UUID, by which a repeated delivery is known. */
  readonly id: string
  /** ISO 8601 in UTC with milliseconds, by the clock of the Worker. */
  readonly at: string
  /** Null for a denied request whose credential names no tenant. */
  readonly tenant: string | null
  readonly key_id: string | null
  readonly subject: string | null
  /** `METHOD /path/{pattern}`. */
  readonly operation: string
  /** Ids that the request named or made, by what they are ids of. */
  readonly resource: Readonly<Record<string, string>> | null
  /** Events or other things that were answered with, changed or removed. */
  readonly count: number | null
  readonly outcome: AuditOutcome
  /** Of the HTTP answer. */
  readonly status: number
  readonly from: AuditOrigin
  readonly request_id: string
}

export interface AuditOrigin {
  /** IP address. */
  readonly address: string | null
  /** ISO 3166-1, two letters. */
  readonly country: string | null
  /** The data centre that took the request, three letters. */
  readonly colo: string | null
  /** Products and versions of the user agent, without its comments. */
  readonly user_agent: string | null
}

export interface AuditQuery extends PageRequest {
  readonly operation?: string | undefined
  readonly key_id?: string | undefined
  readonly outcome?: AuditOutcome | undefined
  /** Bounds on `at`, ISO 8601: `since` inclusive, `until` exclusive. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export interface AuditPage {
  readonly items: readonly (Omit<AuditEntry, 'tenant'> & { readonly cursor: string })[]
  readonly more: boolean
}

/**
 * The record of who did what. It only grows: the service neither changes nor removes an entry. Every call throws
 * `EventPersistenceError` when the backend cannot be reached or refuses.
 */
export interface AuditLog {
  /** Stores the entries at once or not at all. Safe to repeat: an id that is stored is left as it is. */
  append(entries: readonly AuditEntry[]): Promise<void>
  /** A tenant's entries, the newest first. `after` is an `AuditCursor` as text. */
  read(tenant: string, query: AuditQuery): Promise<AuditPage>
  /** Whether the tenant asks that its reads are recorded, too. */
  recordsReads(tenant: string): Promise<boolean>
}

/** Entries of a page at most: each may have a few KB, and an answer of Neon 10 MiB. */
export const MAX_AUDIT_PAGE_ITEMS = 1_000

/** Unix ms and id: where a reader of the log stands. */
const CURSOR = /^(\d{1,15})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

export interface AuditCursor {
  readonly at: string
  readonly id: string
}

export function auditCursorOf({ at, id }: AuditCursor): string {
  return `${Date.parse(at)}-${id}`
}

/** Null for any text that is no cursor of the audit log. */
export function readAuditCursor(text: string): AuditCursor | null {
  const [, ms, id] = CURSOR.exec(text) ?? []
  if (ms === undefined || id === undefined || Number(ms) > MAX_DATE_MS) return null
  return { at: new Date(Number(ms)).toISOString(), id }
}

/** The end of the year 9999, after which ISO 8601 has another form. */
const MAX_DATE_MS = 253_402_300_799_999
