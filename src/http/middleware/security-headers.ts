import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../app.ts'

/** Pages run files of this origin only; the pictures that style sheets bring with them are in data URLs. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Whatever else is opened as a document shows nothing and runs nothing. */
const DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** For a year a browser asks this host over TLS only. */
const TRANSPORT_SECURITY = 'max-age=31536000'

const ALWAYS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
}

/** Tells browsers what no answer of this service is meant for. `isLocal` says whether a request came over loopback. */
export function securityHeaders(isLocal: (request: Request) => boolean) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next()
    const { headers } = c.res
    for (const [name, value] of Object.entries(ALWAYS)) headers.set(name, value)
    const isPage = headers.get('Content-Type')?.startsWith('text/html') ?? false
    headers.set('Content-Security-Policy', isPage ? PAGE_POLICY : DATA_POLICY)
    // What is of a tenant stays with who asked, unless its answer says otherwise.
    if (c.req.path.startsWith('/v1/') && !headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
    if (!isLocal(c.req.raw)) headers.set('Strict-Transport-Security', TRANSPORT_SECURITY)
  })
}
