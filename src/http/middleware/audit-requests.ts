import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Operation } from '../../protocol/operations/operation.ts'
import { auditEntryOf } from '../../security/audit/audit-entry.ts'
import { auditRule } from '../../security/audit/audit-rule.ts'
import { isExport } from '../../security/audit/is-export.ts'
import type { RequestPlace } from '../../security/audit/origin.ts'
import type { Identity, Principal } from '../../security/principal.ts'
import type { AppEnv, AppOptions } from '../app.ts'
import { auditedIds } from '../audited-ids.ts'
import type { AuditNotes } from '../context.ts'
import { wantsLines } from '../pages.ts'
import { queryOf } from '../query-of.ts'
import { watchEnd } from '../watch-end.ts'

const LINES = /^application\/x-ndjson\b/
const LIVE = /^text\/event-stream\b/

/** A request as it becomes known on its way. */
export interface AuditedCall {
  readonly operation: Operation
  /** Null until its credential has proved to hold. */
  principal: Principal | null
  /** Of whom a credential was that no longer holds. */
  formerly: Identity | null
  readonly notes: AuditNotes
}

/**
 * Records who did what. What cannot be undone is in the queue before it is answered; all else is put there after the answer,
 * of lines when they have ended, of a live stream then as well, so that nothing waits for it.
 */
export function auditRequests(open: AppOptions['open']) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const at = Date.now()
    await next()
    const call = c.get('audited')
    const audit = open().deps?.audit
    if (!call || !audit) return
    const { operation, principal, notes } = call
    const { status } = c.res
    const query = queryOf(c.req.raw)
    const exports = isExport({ path: operation.path, query, lines: wantsLines(c.req.raw), count: notes.count })
    const rule = auditRule({ ...operation, known: principal !== null, exports, status })
    const tenant = principal?.tenant
    const ifAsked = rule === 'if-asked' && tenant !== undefined
    if (rule === 'never' || (ifAsked && audit.reads.known(tenant) === false)) return

    const record = async (broken: boolean) => {
      const entry = entryOf(c, call, at, status, broken)
      if (ifAsked && !(await audit.reads.asked(tenant))) return
      await audit.record(entry)
    }
    if (rule === 'before-answer') return record(false)
    const type = c.res.headers.get('Content-Type') ?? ''
    // What a HEAD is answered with has no body that would ever end.
    const body = c.req.method === 'HEAD' ? null : c.res.body
    const lines = body !== null && LINES.test(type)
    if (!lines) c.executionCtx.waitUntil(record(false))
    if (body === null || !(lines || LIVE.test(type))) return
    const watched = watchEnd(body)
    c.res = new Response(watched.body, c.res)
    // A live stream has no end but that its reader leaves.
    c.executionCtx.waitUntil(watched.ended.then((end) => record(end === 'broken' || (lines && end === 'left'))))
  })
}

function entryOf(
  c: Context<AppEnv>,
  { operation, principal, formerly, notes }: AuditedCall,
  at: number,
  status: number,
  broken: boolean,
) {
  return auditEntryOf({
    id: crypto.randomUUID(),
    at,
    operation: `${operation.method} ${operation.path}`,
    who: principal ?? formerly,
    resource: { ...auditedIds(operation, c.req.param() as Record<string, string>, queryOf(c.req.raw)), ...notes.resource },
    count: notes.count,
    status,
    broken,
    headers: c.req.raw.headers,
    place: (c.req.raw as { readonly cf?: RequestPlace }).cf,
    request_id: c.get('requestId'),
  })
}
