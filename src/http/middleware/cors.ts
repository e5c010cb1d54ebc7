import { createMiddleware } from 'hono/factory'
import * as operations from '../../protocol/operations.ts'
import { SESSION_HEADER } from '../../protocol/session.ts'
import type { AppEnv } from '../app.ts'

/** What a page may send beyond what every page may. */
export const ALLOWED_HEADERS = [
  'Authorization',
  'Content-Type',
  SESSION_HEADER,
  'Idempotency-Key',
  'X-Application-Name',
  'X-Request-Id',
  'If-None-Match',
  'Last-Event-ID',
]

/** What a page may read beyond what every page may. */
export const EXPOSED_HEADERS = [
  SESSION_HEADER,
  'ETag',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'WWW-Authenticate',
  'X-Request-Id',
]

const METHODS = [...new Set((Object.values(operations) as operations.Operation[]).map(({ method }) => method))]

/** How long a browser keeps the answer to a preflight; the longest that all of them honour. */
const PREFLIGHT_SECONDS = 7200

/** Lets the pages of the listed origins call the service, with a credential of their own: cookies are neither taken nor sent. */
export function cors(origins: () => readonly string[]) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const listed = origins()
    if (listed.length === 0) return next()
    const origin = c.req.header('Origin')
    const allowed = origin !== undefined && listed.includes(origin)
    if (allowed && c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined) {
      c.res = new Response(null, {
        status: 204,
        headers: {
          'Access-Control-Allow-Methods': METHODS.join(', '),
          'Access-Control-Allow-Headers': ALLOWED_HEADERS.join(', '),
          'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
        },
      })
    } else await next()
    c.res.headers.append('Vary', 'Origin')
    if (!allowed) return
    c.res.headers.set('Access-Control-Allow-Origin', origin)
    c.res.headers.set('Access-Control-Expose-Headers', EXPOSED_HEADERS.join(', '))
  })
}
