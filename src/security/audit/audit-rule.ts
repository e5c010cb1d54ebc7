import type { Scope } from '../../model/scopes.ts'
import { isDenied } from './audit-entry.ts'

/**
 * Whether an answered request is recorded. `before-answer`: what it did cannot be undone, so the queue must have the entry
 * before anyone learns that it is done. `if-asked`: where the tenant asks for it.
 */
export type AuditRule = 'before-answer' | 'always' | 'if-asked' | 'never'

export interface Answered {
  readonly method: string
  readonly path: string
  readonly scope: Scope | null
  /** Its credential was checked and holds. */
  readonly known: boolean
  /** The answer is lines, without an end but that of the list. */
  readonly lines: boolean
  readonly status: number
}

export function auditRule({ method, path, scope, known, lines, status }: Answered): AuditRule {
  if (isDenied(status)) return 'always'
  // The service could not check it, or would not: nobody did anything.
  if (!known) return 'never'
  switch (scope) {
    case 'admin':
    case 'events:erase':
      return method === 'GET' ? 'always' : 'before-answer'
    case 'events:read':
      return lines && path === FEED ? 'always' : 'if-asked'
    case 'events:write':
    case 'events:publish':
    case null:
      return 'never'
  }
}

/** Read as lines it is an export of everything. */
const FEED = '/v1/events'
