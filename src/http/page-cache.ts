import type { RouteContext } from './context.ts'
import { answerPage, type RenderedPage } from './pages.ts'

export interface CacheablePage {
  readonly tag: string
  /** The page reached its limit: what it holds never changes. */
  readonly full: boolean
  /** Null where the cache does not tell. */
  readonly items: number | null
  readonly body: RenderedPage['body']
}

/** Of a cached page alone: how many items it holds. */
const ITEMS_HEADER = 'Page-Items'

/** Keys kept at most, a few hundred bytes each. */
const MAX_PARTIAL = 1_000

/**
 * Pages that had room when this isolate last read them, so that the cache cannot hold them: a running agent reads the
 * same growing page again and again, and need not wait for a lookup each time.
 */
const partial = new Set<string>()

/**
 * Answers from the data centre's cache, or loads the page and keeps it there if it is full.
 *
 * The key holds the tenant, and the last clearing that the reader or this isolate knows of: whoever cleared never sees
 * what was cleared. Others may for `PAGE_CACHE_SECONDS`.
 */
export async function answerFromPageCache(
  context: RouteContext,
  known: string | undefined,
  load: () => Promise<CacheablePage>,
): Promise<Response> {
  const seconds = context.deps.configuration.pageCacheSeconds
  // Who has just written may have been the first since a clearing that this reader knows nothing of.
  if (seconds === 0 || context.session.written.size > 0) return answerPage(context, await load(), known)
  const key = cacheKey(context)
  const cached = partial.has(key) ? undefined : await caches.default.match(key)
  if (cached) {
    const items = cached.headers.get(ITEMS_HEADER)
    const tag = cached.headers.get('ETag') ?? ''
    return answerPage(context, { tag, full: true, items: items === null ? null : Number(items), body: cached.body }, known)
  }
  const page = await load()
  if (page.full) partial.delete(key)
  else rememberPartial(key)
  if (!page.full || page.body === null) return answerPage(context, page, known)
  const [answered, kept] = page.body instanceof ReadableStream ? page.body.tee() : [page.body, page.body]
  const headers = {
    ETag: page.tag,
    [ITEMS_HEADER]: String(page.items),
    'Content-Type': 'application/json',
    'Cache-Control': `public, max-age=${seconds}`,
  }
  context.waitUntil(caches.default.put(key, new Response(kept, { headers })))
  return answerPage(context, { ...page, body: answered }, known)
}

function rememberPartial(key: string): void {
  if (partial.size >= MAX_PARTIAL) partial.clear()
  partial.add(key)
}

function cacheKey({ request, tenant, session, deps }: RouteContext): string {
  const url = new URL(request.url)
  url.searchParams.sort()
  const cleared = Math.max(session.cleared_through ?? 0, deps.recent.clearedThrough(tenant) ?? 0)
  return `https://pages.invalid/${encodeURIComponent(tenant)}/${cleared}${url.pathname}?${url.searchParams}`
}
