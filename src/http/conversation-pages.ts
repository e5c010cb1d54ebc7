import type { PageFormat } from '../conversation/render-items.ts'
import type { ReadAnswer } from '../conversation/rpc.ts'
import { pageTag } from '../conversation/rpc.ts'
import type { EventFilter, HistoryPage } from '../model/history.ts'
import { MAX_PAGE_BYTES } from '../model/limits.ts'
import type { RouteContext } from './context.ts'
import { frame, renderHistoryItems } from './history-pages.ts'
import type { PageDemand, RenderedPage } from './pages.ts'

export interface ConversationView {
  readonly until_seq?: number | undefined
  readonly filter?: EventFilter | undefined
}

export interface ConversationPage extends RenderedPage {
  /** 0 where the conversation has no events. */
  readonly epoch: number
  /** The last seq in the page; where the page begins when it is empty. */
  readonly last_seq: number
}

export interface ConversationDemand extends Omit<PageDemand, 'format'> {
  readonly format: PageFormat
}

export type ConversationPages = (demand: ConversationDemand) => Promise<ConversationPage>

/**
 * Pages of one conversation: from its object, and what the object has trimmed from the history before that, in one
 * page with one cursor. A conversation that its object does not know has no events.
 */
export function conversationPages(
  { deps, tenant }: Pick<RouteContext, 'deps' | 'tenant'>,
  conversationId: string,
  view: ConversationView = {},
  maxBytes = MAX_PAGE_BYTES,
): ConversationPages {
  const stub = deps.conversations(tenant, conversationId)
  const fromObject = (demand: ConversationDemand, after: number, limit: number, bytes: number, part: boolean) =>
    stub.read({
      ...view,
      after,
      limit,
      format: demand.format,
      max_bytes: bytes,
      part,
      ...(part ? {} : { known_tag: demand.known_tag }),
    })

  return async (demand) => {
    const after = Number(demand.after ?? 0)
    const answer = await fromObject(demand, after, demand.limit, maxBytes, false)
    if (answer.outcome === 'unknown') return emptyPage(demand, after)
    if (answer.outcome === 'page') return answer
    const { trimmed_through, epoch } = answer
    const cold = await deps.history.conversationEvents(tenant, conversationId, {
      after: String(after),
      limit: demand.limit,
      max_bytes: maxBytes,
      until_seq: Math.min(view.until_seq ?? trimmed_through, trimmed_through),
      filter: view.filter,
    })
    const rest = await afterCold(cold, demand, trimmed_through, view, answer.head_seq, maxBytes, fromObject)
    return joinPages(cold, rest, demand, after, epoch)
  }
}

type Hot = Extract<ReadAnswer, { outcome: 'page' }>

interface More {
  readonly outcome: 'more'
  /** Where the next page begins: a seq, exclusive. */
  readonly from: number
}

const encoder = new TextEncoder()

async function afterCold(
  cold: HistoryPage,
  demand: ConversationDemand,
  trimmedThrough: number,
  view: ConversationView,
  head: number,
  maxBytes: number,
  fromObject: (demand: ConversationDemand, after: number, limit: number, bytes: number, part: boolean) => Promise<ReadAnswer>,
): Promise<Hot | More | null> {
  if (cold.more) return { outcome: 'more', from: cold.items.at(-1)?.seq ?? 0 }
  // The cold part was read to its end: what follows begins behind it, whatever a filter found there.
  const more: More = { outcome: 'more', from: trimmedThrough }
  const until = Math.min(view.until_seq ?? head, head)
  if (until <= trimmedThrough) return null
  const limit = demand.limit - cold.items.length
  const bytes = maxBytes - cold.items.reduce((sum, item) => sum + encoder.encode(item.event).byteLength, 0)
  if (limit <= 0 || bytes <= 0) return more
  const answer = await fromObject(demand, trimmedThrough, limit, bytes, true)
  if (answer.outcome === 'page') return answer
  // Cold: the object has trimmed more since the first answer. Unknown: it was cleared.
  return answer.outcome === 'cold' ? more : null
}

async function joinPages(
  cold: HistoryPage,
  rest: Hot | More | null,
  demand: ConversationDemand,
  after: number,
  epoch: number,
): Promise<ConversationPage> {
  const hot = rest?.outcome === 'page' ? rest : null
  const lastCold = cold.items.at(-1)?.seq ?? after
  const nextCursor = rest?.outcome === 'more' ? String(rest.from) : (hot?.next_cursor ?? null)
  const items = cold.items.length + (hot?.items ?? 0)
  const coldText = renderHistoryItems(cold.items, demand.format, (item) => String(item.seq))
  const hotText = hot?.body ? await new Response(hot.body).text() : ''
  const separator = demand.format === 'json' && coldText !== '' && hotText !== '' ? ',' : ''
  const text = `${coldText}${separator}${hotText}`
  const lastSeq = hot && hot.items > 0 ? hot.last_seq : lastCold
  return {
    items,
    epoch: hot?.epoch ?? epoch,
    last_seq: lastSeq,
    next_cursor: nextCursor,
    tag: pageTag(epoch, after, lastSeq, items, nextCursor),
    body: demand.format === 'json' ? frame(text, nextCursor) : text,
  }
}

function emptyPage(demand: ConversationDemand, after: number): ConversationPage {
  return {
    items: 0,
    epoch: 0,
    last_seq: after,
    next_cursor: null,
    tag: pageTag(0, after, after, 0, null),
    body: demand.format === 'json' ? frame('', null) : '',
  }
}
