import type { AuditEntry, AuditOutcome } from '../../model/audit.ts'
import { harmlessText } from '../../model/harmless-text.ts'
import type { Identity } from '../principal.ts'
import { credentialsOf } from './credentials-of.ts'
import { originOf, type RequestPlace } from './origin.ts'

/** One request and its answer, as far as the audit log is concerned. */
export interface AuditedRequest {
  readonly id: string
  /** When the request arrived, Unix ms. */
  readonly at: number
  readonly operation: string
  /** Null where nobody is known: the credential was missing, or never held. */
  readonly who: Identity | null
  /** Ids by what they are ids of. */
  readonly resource: Readonly<Record<string, string>>
  readonly count: number | null
  readonly status: number
  /** The answer broke off. */
  readonly broken: boolean
  readonly headers: Headers
  readonly place?: RequestPlace | undefined
  readonly request_id: string
}

/** Ids in one entry; no operation names as many. */
const MAX_IDS = 5

/** Makes the entry of a request. Of one that nobody is known to have sent it takes no id: it may say anything there. */
export function auditEntryOf(request: AuditedRequest): AuditEntry {
  const { id, at, operation, who, count, status } = request
  const credentials = credentialsOf(request.headers)
  const harmless = (text: string) => harmlessText(text, credentials)
  const named = who?.token_id === undefined ? request.resource : { token_id: who.token_id, ...request.resource }
  const ids = who === null ? [] : Object.entries(named).slice(0, MAX_IDS)
  return {
    id,
    at: new Date(at).toISOString(),
    tenant: who?.tenant ?? null,
    key_id: who?.key_id ?? null,
    subject: who?.subject == null ? null : harmless(who.subject),
    operation,
    resource: ids.length === 0 ? null : Object.fromEntries(ids.map(([name, value]) => [name, harmless(value)])),
    count,
    outcome: outcomeOf(status, request.broken),
    status,
    from: originOf(request.headers, request.place),
    request_id: harmless(request.request_id),
  }
}

export function isDenied(status: number): boolean {
  return status === 401 || status === 403
}

function outcomeOf(status: number, broken: boolean): AuditOutcome {
  if (isDenied(status)) return 'denied'
  return broken || status >= 400 ? 'failed' : 'ok'
}
