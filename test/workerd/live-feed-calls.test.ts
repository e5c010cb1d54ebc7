import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { RouteContext } from '../../src/http/context.ts'
import { LONGEST_STREAM_MS, MOST_CALLS } from '../../src/http/live/event-stream.ts'
import { readFeedLive } from '../../src/http/routes/read-feed-live.ts'
import type { FollowQuery } from '../../src/model/history.ts'
import type { readFeedLive as operation } from '../../src/protocol/operations.ts'
import { EMPTY_SESSION } from '../../src/protocol/session.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A socket that the object closes soon. */
class ShortSocket extends EventTarget {
  accept(): void {}
  close(): void {}

  constructor() {
    super()
    setTimeout(() => this.dispatchEvent(new Event('close')), 20_000)
  }
}

it('a live feed ends before its calls are spent, though the filter leaves everything out', async () => {
  const queries: FollowQuery[] = []
  let sockets = 0
  let current = new ShortSocket()
  const deps = {
    now: Date.now,
    log: () => undefined,
    feeds: {
      async listen() {
        sockets += 1
        current = new ShortSocket()
        return current
      },
    },
    history: {
      async followFeed(_tenant: string, query: FollowQuery) {
        queries.push(query)
        // More news than the reader looks for.
        setTimeout(() => current.dispatchEvent(new MessageEvent('message', { data: '1' })), 10)
        return { items: [], more: false, through: '7' }
      },
    },
  }
  const context = {
    deps,
    request: new Request('https://localhost/v1/events/live?event_type=A'),
    tenant: 't',
    query: { event_type: 'A' },
    session: EMPTY_SESSION,
    audit: { count: null, resource: {} },
    recheck: async () => null,
  } as unknown as RouteContext<typeof operation>
  const began = Date.now()
  const { body } = await readFeedLive(context)
  const reader = body?.getReader()
  let ended = false
  void (async () => {
    while (!(await reader?.read())?.done);
    ended = true
  })()
  while (!ended && Date.now() - began < 2 * LONGEST_STREAM_MS) await vi.advanceTimersByTimeAsync(250)
  expect(ended).toBe(true)
  expect(queries.length + sockets).toBe(MOST_CALLS)
  expect(sockets).toBeGreaterThan(1)
  expect(Date.now() - began).toBeLessThan(LONGEST_STREAM_MS)
})
