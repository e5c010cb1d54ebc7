import { createMiddleware } from 'hono/factory'
import { harmlessText } from '../../model/harmless-text.ts'
import type { Log } from '../../model/log.ts'
import { credentialsOf } from '../../security/audit/credentials-of.ts'
import type { AppEnv } from '../app.ts'

/** What an id of ours or of a proxy looks like; anything else could forge a log line. */
const REQUEST_ID = /^[\w-]{8,64}$/

/** Gives each request an id, which its answer and its log line carry. Paths hold ids of events, so the route is logged, not the path. */
export function logRequests(log: Log) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const requestId = chosenId(c.req.raw.headers) ?? crypto.randomUUID()
    c.set('requestId', requestId)
    const start = Date.now()
    await next()
    c.res.headers.set('X-Request-Id', requestId)
    const { status } = c.res
    log(status >= 500 ? 'error' : 'info', 'request', {
      request_id: requestId,
      method: c.req.method,
      operation: c.get('operation') ?? null,
      status,
      ms: Date.now() - start,
    })
  })
}

/** The id that the client chose, unless it is a key or a token, sent where ids belong. */
function chosenId(headers: Headers): string | null {
  const sent = headers.get('X-Request-Id')
  if (sent === null || !REQUEST_ID.test(sent)) return null
  return harmlessText(sent, credentialsOf(headers)) === sent ? sent : null
}
