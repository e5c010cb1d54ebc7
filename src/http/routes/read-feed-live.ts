import type { readFeedLive as operation } from '../../protocol/operations.ts'
import { lastPositionHeaders } from '../../protocol/parameters.ts'
import type { Route } from '../context.ts'
import { flushSession } from '../flush.ts'
import { answerLive } from '../live/answer-live.ts'
import { FeedLooks } from '../live/feed-looks.ts'
import { feedMessages } from '../live/feed-messages.ts'
import { readLivePages } from '../live/feed-reader.ts'
import { FeedSocket } from '../live/feed-socket.ts'
import { validateHeaders } from '../validate.ts'

/** Items of a read at most: what one stream holds in memory until its client has taken it. */
const LIVE_PAGE_ITEMS = 500

export const readFeedLive: Route<typeof operation> = async (context) => {
  const { deps, request, tenant, query, audit } = context
  const { after, ...filter } = query
  const resumed = validateHeaders(lastPositionHeaders, request)['Last-Event-ID']
  if (request.method === 'HEAD') return answerLive(context, async () => undefined)
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  const looks = new FeedLooks({ now: deps.now, random: Math.random })
  const socket = new FeedSocket(tenant, { feeds: deps.feeds, looks, log: deps.log, now: deps.now })
  const end = () => {
    looks.end()
    socket.close()
  }
  const pages = readLivePages({
    after: resumed ?? after,
    read: (position) => deps.history.followFeed(tenant, { ...filter, after: position, limit: LIVE_PAGE_ITEMS }),
    async nextLook() {
      if (!(await looks.next())) return false
      await socket.open()
      return true
    },
  })
  try {
    // Who listens before the first read misses nothing that comes during it.
    await Promise.all([socket.open(), flushSession(context)])
    // Before the status, so that what fails at once is answered as a problem.
    let page = await pages.next()
    return answerLive(context, async (stream) => {
      stream.over.addEventListener('abort', end)
      while (!page.done) {
        audit.count = (audit.count ?? 0) + page.value.items.length
        for (const piece of feedMessages(page.value, isFiltered)) if (!(await stream.write(piece))) return
        stream.spend(1)
        page = await pages.next()
      }
    })
  } catch (failure) {
    end()
    throw failure
  }
}
