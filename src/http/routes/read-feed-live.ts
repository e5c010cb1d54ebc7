import type { readFeedLive as operation } from '../../protocol/operations.ts'
import { lastPositionHeaders } from '../../protocol/parameters.ts'
import type { Route } from '../context.ts'
import { flushSession } from '../flush.ts'
import { answerLive } from '../live/answer-live.ts'
import type { EventStream } from '../live/event-stream.ts'
import { FeedLooks } from '../live/feed-looks.ts'
import { feedMessages } from '../live/feed-messages.ts'
import { readLivePages } from '../live/feed-reader.ts'
import { FeedSocket } from '../live/feed-socket.ts'
import { PAGE_BYTES } from '../live/follow-conversation.ts'
import { validateHeaders } from '../validate.ts'

/** Items of a read at most. Their text is bounded as that of a live conversation is: each stream holds its own until its client has taken it. */
const LIVE_PAGE_ITEMS = 500

export const readFeedLive: Route<typeof operation> = async (context) => {
  const { deps, request, tenant, query, audit } = context
  const { after, ...filter } = query
  const resumed = validateHeaders(lastPositionHeaders, request)['Last-Event-ID']
  if (request.method === 'HEAD') return answerLive(context, async () => undefined)
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  const looks = new FeedLooks({ now: deps.now, random: Math.random })
  let stream: EventStream | null = null
  let calls = 0
  // With a filter many reads may bring nothing.
  const spend = () => {
    calls += 1
    stream?.spend(1)
  }
  const feeds = {
    listen(of: string) {
      spend()
      return deps.feeds.listen(of)
    },
  }
  const socket = new FeedSocket(tenant, { feeds, looks, log: deps.log, now: deps.now })
  const end = () => {
    looks.end()
    socket.close()
  }
  const pages = readLivePages({
    after: resumed ?? after,
    read(position) {
      spend()
      return deps.history.followFeed(tenant, { ...filter, after: position, limit: LIVE_PAGE_ITEMS, max_bytes: PAGE_BYTES })
    },
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
    return answerLive(context, async (opened) => {
      stream = opened
      opened.over.addEventListener('abort', end)
      opened.spend(calls)
      while (!page.done) {
        audit.count = (audit.count ?? 0) + page.value.items.length
        for (const piece of feedMessages(page.value, isFiltered)) if (!(await opened.write(piece))) return
        page = await pages.next()
      }
    })
  } catch (failure) {
    end()
    throw failure
  }
}
