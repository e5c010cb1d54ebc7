import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LivePage, readLivePages } from '../../../src/http/live/feed-reader.ts'
import type { EventHistory, FeedFilter } from '../../../src/model/history.ts'
import { InMemoryHistory } from '../../../src/store/in-memory/history.ts'
import { batch, numbered } from '../../store/postgres/support.ts'

const TENANT = 't'

/** Lets a reader look when the test says so. */
class Looks {
  waiting = false
  #go: ((goOn: boolean) => void) | null = null

  next = (): Promise<boolean> => {
    this.waiting = true
    return new Promise((resolve) => {
      this.#go = resolve
    })
  }

  go(goOn = true): void {
    this.waiting = false
    this.#go?.(goOn)
  }
}

const reading = (history: EventHistory, looks: Looks, after?: string, filter: FeedFilter = {}, limit = 3) =>
  readLivePages({
    after,
    read: (position) => history.followFeed(TENANT, { ...filter, after: position, limit }),
    nextLook: looks.next,
  })

const ids = (page: LivePage | undefined) => page?.items.map(({ event }) => (JSON.parse(event) as { event_id: string }).event_id)

describe('a live reader', () => {
  it('reads what there is page by page, says when it has all of it, and goes on with the next look', async () => {
    const history = new InMemoryHistory()
    await history.append([batch(TENANT, 'c', numbered('a', 5))])
    const looks = new Looks()
    const pages = reading(history, looks)
    expect(ids((await pages.next()).value ?? undefined)).toEqual(['a-1', 'a-2', 'a-3'])
    expect((await pages.next()).value).toMatchObject({ items: [{}, {}], up_to_date: '5' })
    const next = pages.next()
    await history.append([batch(TENANT, 'd', numbered('b', 1))])
    looks.go()
    expect((await next).value).toMatchObject({ items: [{ position: '6' }], up_to_date: '6' })
  })

  it('says at once that it is up to date where there is nothing', async () => {
    const pages = reading(new InMemoryHistory(), new Looks())
    expect((await pages.next()).value).toEqual({ items: [], up_to_date: '0' })
    const resumed = reading(new InMemoryHistory(), new Looks(), '7')
    expect((await resumed.next()).value).toEqual({ items: [], up_to_date: '7' })
  })

  it('says nothing after a look that found nothing new, and with a filter how far it looked', async () => {
    const history = new InMemoryHistory()
    const looks = new Looks()
    const pages = reading(history, looks, undefined, { event_type: 'Wanted' })
    await pages.next()
    const next = pages.next()
    await expect.poll(() => looks.waiting).toBe(true)
    looks.go()
    await expect.poll(() => looks.waiting).toBe(true)
    await history.append([batch(TENANT, 'c', numbered('a', 4))])
    looks.go()
    expect((await next).value).toEqual({ items: [], up_to_date: '4' })
  })

  it('ends when nobody listens any more', async () => {
    const looks = new Looks()
    const pages = reading(new InMemoryHistory(), looks)
    await pages.next()
    const next = pages.next()
    await expect.poll(() => looks.waiting).toBe(true)
    looks.go(false)
    expect((await next).done).toBe(true)
  })

  it('passes on what a read fails with', async () => {
    const read = () => Promise.reject(new Error('away'))
    await expect(readLivePages({ after: undefined, read, nextLook: async () => true }).next()).rejects.toThrow('away')
  })
})

/** What happens while a client follows the feed, stream after stream. */
type Step =
  | { readonly do: 'append'; readonly count: number; readonly wanted: boolean }
  | { readonly do: 'look'; readonly turns: number }
  | { readonly do: 'cut'; readonly at: number; readonly turns: number }

/** How far everything gets before the next step. */
const turns = fc.integer({ min: 0, max: 60 })

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 7 }), wanted: fc.boolean() }),
  fc.record({ do: fc.constant('look' as const), turns }),
  fc.record({ do: fc.constant('cut' as const), at: fc.integer({ min: 0, max: 6 }), turns }),
)

/** As a client sees it: it knows the id of the last message that arrived, and may lose its connection behind any of them. */
class Client {
  readonly received: string[] = []
  lastEventId: string | undefined
  /** Messages that still arrive on this stream. */
  left = Number.POSITIVE_INFINITY

  take({ items, up_to_date }: LivePage, isFiltered: boolean): boolean {
    for (const { position, event } of items) {
      if (this.left-- <= 0) return false
      this.received.push((JSON.parse(event) as { event_id: string }).event_id)
      this.lastEventId = position
    }
    if (up_to_date !== null && this.left-- <= 0) return false
    if (up_to_date !== null && isFiltered) this.lastEventId = up_to_date
    return true
  }
}

it.each([{}, { event_type: 'Wanted' }])(
  'gives each event once and in order, whatever the interleaving of writes, news and cuts, filtered by %j',
  async (filter: FeedFilter) => {
    const isFiltered = filter.event_type !== undefined
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const history = new InMemoryHistory()
        const client = new Client()
        const expected: string[] = []
        let written = 0
        let looks = new Looks()
        let stream: Promise<void> | null = null
        const pass = async (turns: number) => {
          for (let i = 0; i < turns; i += 1) await Promise.resolve()
        }
        const open = () => {
          const mine = new Looks()
          looks = mine
          client.left = Number.POSITIVE_INFINITY
          stream = (async () => {
            for await (const page of reading(history, mine, client.lastEventId, filter)) {
              // A write may come between a read and the arrival of what it brought.
              await Promise.resolve()
              if (looks !== mine || !client.take(page, isFiltered)) return
            }
          })()
        }
        open()
        for (const one of steps) {
          if (one.do === 'append') {
            const type = one.wanted ? 'Wanted' : 'Other'
            const added = numbered(`e${written++}`, one.count, { event_type: type })
            if (one.wanted || !isFiltered) expected.push(...added.map(({ event_id }) => event_id))
            await history.append([batch(TENANT, `c${written}`, added)])
          } else if (one.do === 'look') {
            looks.go()
            await pass(one.turns)
          } else {
            // This many messages arrive yet, then the connection is lost and the client comes again.
            client.left = one.at
            looks.go()
            await pass(one.turns)
            open()
          }
        }
        open()
        // All that runs in memory has come to rest when a timer fires.
        await new Promise((done) => setTimeout(done, 0))
        looks.go(false)
        await stream
        expect(client.received).toEqual(expected)
      }),
    )
  },
)
