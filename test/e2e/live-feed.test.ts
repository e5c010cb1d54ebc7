import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UNHEARD_MS } from '../../src/feed/feeds.ts'
import { SESSION_HEADER } from '../../src/protocol/session.ts'
import { createPostgresHistory } from '../../src/store/postgres/history.ts'
import { batch } from '../store/postgres/support.ts'
import { Api } from '../support/api.ts'
import { eventText } from '../support/events.ts'
import { followingTenant } from '../support/live-feed.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

let database: TestDatabase
let service: TestService
let api: Api

/** Seconds: shorter than a reader's own looks are apart. */
const SOON = 12

beforeAll(async () => {
  service = await startTestService({ history: 'postgres' })
  database = service.database as TestDatabase
  api = new Api(service.url)
})
afterAll(() => service?.stop())

const tenant = (name: string) => followingTenant(service, name)

describe('the live feed', () => {
  it('gives each event of many writers once, in the order of the feed, to a reader that is cut again and again', async () => {
    const { post, open, headers } = await tenant('busy')
    const [CONVERSATIONS, BATCHES, BATCH] = [20, 6, 10]
    const total = CONVERSATIONS * BATCHES * BATCH
    const writing = Promise.all(
      Array.from({ length: CONVERSATIONS }, async (_, c) => {
        for (let b = 0; b < BATCHES; b += 1) {
          await post(Array.from({ length: BATCH }, (_, i) => eventText({ conversation: `busy-${c}`, id: `busy-${c}-${b}-${i}` })))
        }
      }),
    )
    const texts: string[] = []
    const cursors: string[] = []
    let streams = 0
    while (texts.length < total) {
      const after = cursors.length > 0 ? { 'Last-Event-ID': cursors.at(-1) as string } : {}
      const feed = await open('', after, 1 + ((streams++ * 17) % 60))
      await waitFor('messages', SOON, async () => feed.ended !== null || texts.length + feed.items.length === total)
      feed.cut()
      texts.push(...feed.texts)
      cursors.push(...feed.items.map(({ id }) => id as string))
    }
    await writing
    const stored = await api.page(`/v1/events?limit=5000`, headers)
    expect(stored.items).toHaveLength(total)
    expect(texts).toEqual(stored.items.map(({ text }) => text))
    expect(cursors).toEqual(stored.items.map(({ cursor }) => cursor))
    expect(streams).toBeGreaterThan(20)
  })

  it('is narrowed by type, name and topic, and moves past what it leaves out', async () => {
    const { post, open, headers } = await tenant('narrow')
    const topic = { name: 'narrow-topic', offset: 0 }
    await post(
      [
        eventText({ conversation: 'n', id: 'n-1' }),
        eventText({ conversation: 'n', id: 'n-2', topic }),
        eventText({ conversation: 'n', id: 'n-3' }),
      ],
      '?ack=persisted',
    )
    const publish = await fetch(`${service.url}/v1/publish`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json', 'Idempotency-Key': 'n-4' },
      body: JSON.stringify({
        event_type: 'application_events',
        event_name: 'named',
        metadata: { topic_name: 'narrow-topic' },
      }),
    })
    expect(publish.status).toBe(202)
    const feeds = {
      all: await open(),
      type: await open('?event_type=PublishToTopic'),
      name: await open('?event_name=named'),
      topic: await open('?topic_name=narrow-topic'),
      both: await open('?event_type=PublishToTopic&topic_name=narrow-topic'),
      none: await open('?event_type=NodeInvoke'),
    }
    await waitFor('all', SOON, async () => feeds.all.ids.length === 4 && feeds.topic.ids.length === 2)
    const newest = feeds.all.items.at(-1)?.id
    await waitFor('how far it looked', SOON, async () =>
      [feeds.type, feeds.name, feeds.topic, feeds.both, feeds.none].every(({ lastEventId }) => lastEventId === newest),
    )
    expect(feeds.all.ids).toEqual(['n-1', 'n-2', 'n-3', 'n-4'])
    expect(feeds.type.ids).toEqual(['n-2'])
    expect(feeds.name.ids).toEqual(['n-4'])
    expect(feeds.topic.ids).toEqual(['n-2', 'n-4'])
    expect(feeds.both.ids).toEqual(['n-2'])
    expect(feeds.none.ids).toEqual([])
    const { event, id, data } = feeds.none.messages.at(-1) ?? {}
    expect([event, id, JSON.parse(data ?? '')]).toEqual(['up-to-date', newest, { cursor: newest }])
    const page = await api.page('/v1/events?topic_name=narrow-topic', headers)
    expect(page.items.map(({ text }) => text)).toEqual(feeds.topic.texts)
    for (const feed of Object.values(feeds)) feed.cut()
  })

  it('begins with what its reader wrote before, though nothing was delivered yet', async () => {
    const { post, open } = await tenant('session')
    const session = await post([eventText({ conversation: 's', id: 's-1' })])
    const feed = await open('', { [SESSION_HEADER]: session })
    await waitFor('the first reading', SOON, async () => feed.messages.some(({ event }) => event === 'up-to-date'))
    expect(feed.messages.map(({ event }) => event)).toEqual(['event', 'up-to-date'])
    feed.cut()
  })

  it('goes on behind the last message, wherever `after` points, and keeps texts as they are', async () => {
    const { post, open } = await tenant('resumed')
    const odd = eventText({
      conversation: 'r',
      id: 'r-2',
      data: '{"role":"user",\r\n"content" :\n"\\u0000", "n":\r1756377611078069123.0}',
    })
    await post([eventText({ conversation: 'r', id: 'r-1' }), odd], '?ack=persisted')
    const whole = await open()
    await waitFor('both', SOON, async () => whole.ids.length === 2)
    expect(whole.texts[1]).toBe(odd.replaceAll(/\r\n?/g, '\n'))
    const first = whole.items[0]?.id as string
    const resumed = await open('?after=9000000000000000000', { 'Last-Event-ID': first })
    await waitFor('the second', SOON, async () => resumed.ids.length === 1)
    expect(resumed.ids).toEqual(['r-2'])
    const later = await open(`?after=${first}`)
    await waitFor('the second', SOON, async () => later.ids.length === 1)
    for (const feed of [whole, resumed, later]) feed.cut()
  })

  it('refuses cursors and parameters that it does not know', async () => {
    const { headers } = await tenant('refused')
    const status = async (path: string, more: Record<string, string> = {}) =>
      (await fetch(`${service.url}${path}`, { headers: { ...headers, ...more } })).status
    expect(await status('/v1/events/live?after=x')).toBe(400)
    expect(await status('/v1/events/live', { 'Last-Event-ID': 'x' })).toBe(400)
    expect(await status('/v1/events/live?order=desc')).toBe(400)
  })

  it('leaves an event with the id `live` readable', async () => {
    const { post, headers } = await tenant('named-live')
    await post([eventText({ conversation: 'l', id: 'live' })], '?ack=persisted')
    const answer = await fetch(`${service.url}/v1/events/live`, { headers: { ...headers, Accept: 'application/json' } })
    expect(await answer.json()).toMatchObject({ event: { event_id: 'live' } })
  })

  it('hears of news long before it would look by itself', async () => {
    const { post, open } = await tenant('news')
    const feed = await open()
    // The look that follows the beginning is over then, and the next one far away.
    await new Promise((done) => setTimeout(done, UNHEARD_MS + 1_000))
    await post([eventText({ conversation: 'n', id: 'n-1' })])
    await waitFor('the event', 10, async () => feed.ids.length === 1)
    feed.cut()
  })

  it('finds by itself what another deployment wrote to the same database', async () => {
    const { open } = await tenant('elsewhere')
    const feed = await open()
    await waitFor('the first reading', SOON, async () => feed.messages.length > 0)
    const elsewhere = createPostgresHistory({
      databaseUrl: database.databaseUrl,
      fetchEndpoint: database.fetchEndpoint,
    })
    await elsewhere.append([batch('elsewhere', 'e', [{ event_id: 'e-1' }])])
    await waitFor('what came from elsewhere', 60, async () => feed.ids.length === 1)
    feed.cut()
  }, 90_000)
})
