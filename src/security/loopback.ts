/** Hosts that only this machine can ask for. On Cloudflare a request's host is one that was routed there. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether a service without a key may serve this request: deployed by mistake as it is for development, it serves nobody. */
export function mayServeOpenly(request: Request): boolean {
  return LOOPBACK.test(new URL(request.url).hostname)
}
