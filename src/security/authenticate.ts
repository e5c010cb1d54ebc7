import type { Configuration } from '../env.ts'

/** Hosts that only this machine can ask for. On Cloudflare a request's host is one that was routed there. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether a service without a key may serve this request: deployed by mistake as it is for development, it serves nobody. */
export function mayServeOpenly(request: Request): boolean {
  return LOOPBACK.test(new URL(request.url).hostname)
}

export type Authentication = { readonly ok: true; readonly tenant: string } | { readonly ok: false; readonly detail: string }

/** All there is until keys name tenants of their own. */
const DEFAULT_TENANT = 'default'

/**
 * Tells from a request's credential whose events it may touch. Without a configured key the service is open, which the
 * configuration allows in development only; a credential that is presented must hold there too.
 */
export async function authenticate(request: Request, configuration: Configuration): Promise<Authentication> {
  const header = request.headers.get('Authorization')
  if (header === null) {
    return configuration.apiKey === null
      ? { ok: true, tenant: DEFAULT_TENANT }
      : { ok: false, detail: 'Send the API key as Authorization: Bearer <key>.' }
  }
  const [, token] = /^Bearer +(\S+)$/i.exec(header) ?? []
  if (token === undefined) return { ok: false, detail: 'The Authorization header must be: Bearer <key>.' }
  if (configuration.apiKey === null || !(await sameSecret(token, configuration.apiKey))) {
    return { ok: false, detail: 'The API key is not valid.' }
  }
  return { ok: true, tenant: DEFAULT_TENANT }
}

/** Compares digests, so that neither the time it takes nor the lengths tell anything of the secret. */
async function sameSecret(presented: string, secret: string): Promise<boolean> {
  const [a, b] = await Promise.all(
    [presented, secret].map((text) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))),
  )
  return crypto.subtle.timingSafeEqual(a as ArrayBuffer, b as ArrayBuffer)
}
