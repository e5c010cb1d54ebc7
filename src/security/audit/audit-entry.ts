import type { AuditEntry, AuditOutcome } from '../../model/audit.ts'
import type { Principal } from '../principal.ts'
import { credentialsOf, harmlessText } from './harmless-text.ts'
import { originOf, type RequestPlace } from './origin.ts'

/** One request and its answer, as far as the audit log is concerned. */
export interface AuditedRequest {
  readonly id: string
  /** When the request arrived, Unix ms. */
  readonly at: number
  readonly operation: string
  /** Null where the credential was missing or did not hold. */
  readonly principal: Pick<Principal, 'tenant' | 'key_id' | 'subject'> | null
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
const MAX_IDS = 4

/** Makes the entry of a request. Of one that nobody is known to have sent it takes no id: it may say anything there. */
export function auditEntryOf(request: AuditedRequest): AuditEntry {
  const { id, at, operation, principal, count, status } = request
  const credentials = credentialsOf(request.headers)
  const harmless = (text: string) => harmlessText(text, credentials)
  const ids = principal === null ? [] : Object.entries(request.resource).slice(0, MAX_IDS)
  return {
    id,
    at: new Date(at).toISOString(),
    tenant: principal?.tenant ?? null,
    key_id: principal?.key_id ?? null,
    subject: principal?.subject == null ? null : harmless(principal.subject),
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
