import type { Scope } from '../../model/scopes.ts'
import { isDenied } from './audit-entry.ts'

/**
 * Whether an answered request is recorded. `before-answer`: what it did cannot be undone, so the queue must have the entry
 * before anyone learns that it is done. `if-asked`: where the tenant asks for it.
 */
export type AuditRule = 'before-answer' | 'always' | 'if-asked' | 'never'

export interface Answered {
  readonly method: string
  readonly scope: Scope | null
  /** Its credential was checked and holds. */
  readonly known: boolean
  /** It asked for the feed at large. */
  readonly exports: boolean
  readonly status: number
}

export function auditRule({ method, scope, known, exports, status }: Answered): AuditRule {
  if (isDenied(status)) return 'always'
  // The service could not check it, or would not: nobody did anything.
  if (!known) return 'never'
  // It did nothing, and there are many of them.
  if (status === TOO_MANY) return 'never'
  switch (scope) {
    case 'admin':
    case 'events:erase':
      return method === 'GET' ? 'always' : 'before-answer'
    case 'events:read':
      // A ticket goes from hand to hand.
      if (method === 'POST') return 'always'
      return exports ? 'always' : 'if-asked'
    case 'events:write':
    case 'events:publish':
    case null:
      return 'never'
  }
}

const TOO_MANY = 429
