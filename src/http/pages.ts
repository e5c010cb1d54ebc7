import { parseAccept } from 'hono/utils/accept'
import type { PageFormat } from '../conversation/render-items.ts'
import { DEFAULT_PAGE_ITEMS } from '../model/limits.ts'
import { RequestFailure } from '../protocol/failure.ts'
import { LINE_TYPES, NDJSON } from '../protocol/media-types.ts'
import type { RouteContext } from './context.ts'
import { RECHECK_MS } from './live/event-stream.ts'
import { answerFromPageCache, type CacheablePage } from './page-cache.ts'

export interface PageDemand {
  /** The cursor to go on from, exclusive. */
  readonly after: string | undefined
  readonly limit: number
  readonly format: Exclude<PageFormat, 'sse'>
  /** The tag of an answer that the reader has; a page with this tag needs no body. */
  readonly known_tag?: string | undefined
}

/** A page as it goes out: framed JSON, or lines. */
export interface RenderedPage {
  readonly items: number
  readonly next_cursor: string | null
  readonly tag: string
  readonly body: string | Uint8Array | ReadableStream<Uint8Array> | null
}

export type PageSource = (demand: PageDemand) => Promise<RenderedPage>

export interface PageQuery {
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

/** Two tenants may ask for the same page at the same address, and from the same browser. */
const VARY = 'Accept, Authorization'

/** Items that a stream of lines holds in memory at a time, within the bound on a page's bytes. */
const STREAM_PAGE_ITEMS = 1000

/** Whether lines are named in `Accept`, and not liked less than JSON. */
export function wantsLines(request: Request): boolean {
  const accepted = parseAccept(request.headers.get('Accept') ?? '')
  const quality = (types: readonly string[]) =>
    Math.max(0, ...accepted.filter(({ type }) => types.includes(type.toLowerCase())).map(({ q }) => q))
  const ofLines = quality(LINE_TYPES)
  return ofLines > 0 && ofLines >= quality(['application/json'])
}

/**
 * Answers with one page of JSON, or with all of the items as lines, read page by page while the client takes them.
 * `cacheable` says that a full page never changes, so that readers far away can have it from nearby.
 */
export async function answerPages(
  context: RouteContext,
  source: PageSource,
  query: PageQuery,
  cacheable: boolean,
): Promise<Response> {
  if (wantsLines(context.request)) return answerLines(context, source, query)
  const known = context.request.headers.get('If-None-Match') ?? undefined
  const demand = { after: query.after, limit: query.limit ?? DEFAULT_PAGE_ITEMS, format: 'json' as const, known_tag: known }
  const load = async (): Promise<CacheablePage> => {
    const page = await source(demand)
    return { tag: page.tag, full: page.next_cursor !== null, items: page.items, body: page.body }
  }
  return cacheable ? answerFromPageCache(context, known, load) : answerPage(context, await load(), known)
}

export function answerPage({ audit }: RouteContext, page: CacheablePage, known: string | undefined): Response {
  const headers = { ETag: page.tag, 'Cache-Control': 'private, no-cache', Vary: VARY }
  const unchanged = known !== undefined && matchesTag(known, page.tag)
  audit.count = unchanged ? 0 : page.items
  if (unchanged) return new Response(null, { status: 304, headers })
  return new Response(page.body, { headers: { ...headers, 'Content-Type': 'application/json' } })
}

/** `If-None-Match` lists tags, weak ones included, or `*`. */
function matchesTag(known: string, tag: string): boolean {
  return known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
}

async function answerLines({ audit, deps, recheck }: RouteContext, source: PageSource, query: PageQuery): Promise<Response> {
  let checkedAt = deps.now()
  let left = query.limit ?? Number.POSITIVE_INFINITY
  const next = (after: string | undefined) => source({ after, limit: Math.min(left, STREAM_PAGE_ITEMS), format: 'ndjson' })
  // The first page comes before the status, so that what fails at once is answered as a problem.
  let page: RenderedPage | null = await next(query.after)
  const lines = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // A pull that brings nothing is not repeated, so it goes on behind a page on which a filter found nothing.
        for (let brought = false; page && !brought; ) {
          if (deps.now() - checkedAt >= RECHECK_MS) {
            const failure = await recheck()
            if (failure) throw new RequestFailure(failure)
            checkedAt = deps.now()
          }
          const bytes = new Uint8Array(await new Response(page.body).arrayBuffer())
          left -= page.items
          audit.count = (audit.count ?? 0) + page.items
          brought = bytes.byteLength > 0
          if (brought) controller.enqueue(bytes)
          // A failure here breaks the stream off: a clean end would say that this was all.
          page = page.next_cursor === null || left <= 0 ? null : await next(page.next_cursor)
        }
        if (!page) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(lines, { headers: { 'Content-Type': NDJSON, 'Cache-Control': 'private, no-cache', Vary: VARY } })
}
