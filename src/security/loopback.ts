/** Hosts that only this machine can ask for. On Cloudflare a request's host is one that was routed there. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** The last answer: one request asks several times, and the next ones mostly have its address. */
let last = { url: '', isLocal: false }

/** Whether a request came over loopback, as far as its address tells. */
export function isLocal({ url }: Pick<Request, 'url'>): boolean {
  if (url !== last.url) last = { url, isLocal: LOOPBACK.test(URL.parse(url)?.hostname ?? '') }
  return last.isLocal
}

/**
 * Whether a service without a key may serve this request: deployed by mistake as it is for development, it serves nobody. Nor does
 * it serve pages from elsewhere, which may reach this machine by a name of theirs, but for those that the settings name.
 */
export function mayServeOpenly(request: Request, origins: readonly string[]): boolean {
  const origin = request.headers.get('Origin')
  return isLocal(request) && (origin === null || origins.includes(origin) || isLocal({ url: origin }))
}
