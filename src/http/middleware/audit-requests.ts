import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Operation } from '../../protocol/operations/operation.ts'
import { auditEntryOf } from '../../security/audit/audit-entry.ts'
import { auditRule } from '../../security/audit/audit-rule.ts'
import type { RequestPlace } from '../../security/audit/origin.ts'
import type { Principal } from '../../security/principal.ts'
import type { AppEnv, AppOptions } from '../app.ts'
import { auditedIds } from '../audited-ids.ts'
import type { AuditNotes } from '../context.ts'
import { watchEnd } from '../watch-end.ts'

/** A request as it becomes known on its way. */
export interface AuditedCall {
  readonly operation: Operation
  /** Null until its credential has proved to hold. */
  principal: Principal | null
  readonly notes: AuditNotes
}

/**
 * Records who did what. What cannot be undone is in the queue before it is answered; all else is put there after the answer,
 * of lines when they have ended, so that nothing waits for it.
 */
export function auditRequests(open: AppOptions['open']) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const at = Date.now()
    await next()
    const call = c.get('audited')
    const audit = open().deps?.audit
    if (!call || !audit) return
    const { operation, principal } = call
    const { status } = c.res
    const lines = c.res.headers.get('Content-Type')?.startsWith('application/x-ndjson') ?? false
    const rule = auditRule({ ...operation, known: principal !== null, lines, status })
    const tenant = principal?.tenant
    const ifAsked = rule === 'if-asked' && tenant !== undefined
    if (rule === 'never' || (ifAsked && audit.reads.known(tenant) === false)) return

    const record = async (broken: boolean) => {
      if (ifAsked && !(await audit.reads.asked(tenant))) return
      await audit.record(entryOf(c, call, at, status, broken))
    }
    if (rule === 'before-answer') return record(false)
    // What a HEAD is answered with has no body that would ever end.
    if (lines && c.res.body !== null && c.req.method !== 'HEAD') {
      const watched = watchEnd(c.res.body)
      c.res = new Response(watched.body, c.res)
      return c.executionCtx.waitUntil(watched.ended.then((end) => record(end === 'broken')))
    }
    c.executionCtx.waitUntil(record(false))
  })
}

function entryOf(c: Context<AppEnv>, { operation, principal, notes }: AuditedCall, at: number, status: number, broken: boolean) {
  return auditEntryOf({
    id: crypto.randomUUID(),
    at,
    operation: `${operation.method} ${operation.path}`,
    principal,
    resource: { ...auditedIds(operation, c.req.param() as Record<string, string>, new URL(c.req.url)), ...notes.resource },
    count: notes.count,
    status,
    broken,
    headers: c.req.raw.headers,
    place: (c.req.raw as { readonly cf?: RequestPlace }).cf,
    request_id: c.get('requestId'),
  })
}
