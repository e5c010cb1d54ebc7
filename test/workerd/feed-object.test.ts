import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { feedsOf } from '../../src/feed/feed-calls.ts'
import { MAX_FEED_READERS, TOO_MANY_READERS } from '../../src/feed/feeds.ts'
import { newId } from './http-support.ts'

const feeds = feedsOf(env.FEEDS)

/** A reader, and the messages that it got. */
async function reader(tenant: string) {
  const socket = await feeds.listen(tenant)
  if (socket === TOO_MANY_READERS) throw new Error('there are too many readers')
  socket.accept()
  const got: unknown[] = []
  let closed = false
  socket.addEventListener('message', ({ data }) => void got.push(data))
  socket.addEventListener('close', () => {
    closed = true
  })
  return { socket, got, closed: () => closed }
}

const readersOf = (tenant: string) => runInDurableObject(env.FEEDS.getByName(tenant), (_, state) => state.getWebSockets().length)

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

describe("a feed's object", () => {
  it('tells each of 200 readers of news, and how many they are, and no reader of another tenant', async () => {
    const [tenant, other] = [newId(), newId()]
    const readers = await Promise.all(Array.from({ length: 200 }, () => reader(tenant)))
    const stranger = await reader(other)
    expect(await feeds.tell(tenant)).toBe(200)
    await expect.poll(() => readers.filter(({ got }) => got.length > 0).length).toBe(200)
    expect(new Set(readers.flatMap(({ got }) => got))).toEqual(new Set(['200']))
    await feeds.tell(other)
    await expect.poll(() => stranger.got).toEqual(['1'])
  })

  it('tells at once, and makes one of what comes in a burst', async () => {
    const tenant = newId()
    const { got } = await reader(tenant)
    await feeds.tell(tenant)
    await expect.poll(() => got.length).toBe(1)
    await Promise.all(Array.from({ length: 50 }, () => feeds.tell(tenant)))
    await expect.poll(() => got.length).toBeGreaterThan(1)
    await pause(300)
    expect(got.length).toBeLessThan(10)
  })

  it('keeps its readers while it sleeps, and stores nothing', async () => {
    const tenant = newId()
    const { got, closed } = await reader(tenant)
    await evictDurableObject(env.FEEDS.getByName(tenant))
    await feeds.tell(tenant)
    await expect.poll(() => got).toEqual(['1'])
    expect(closed()).toBe(false)
    const stored = await runInDurableObject(env.FEEDS.getByName(tenant), async (_, { storage }) => [
      ...(await storage.list()).keys(),
      ...storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    ])
    expect(stored).toEqual([])
  })

  it('lets go of readers that leave, and tells the others', async () => {
    const tenant = newId()
    const leaving = await Promise.all(Array.from({ length: 5 }, () => reader(tenant)))
    const staying = await reader(tenant)
    for (const { socket } of leaving) socket.close()
    await expect.poll(() => leaving.every(({ closed }) => closed())).toBe(true)
    await expect.poll(() => readersOf(tenant)).toBe(1)
    await feeds.tell(tenant)
    await expect.poll(() => staying.got).toEqual(['1'])
  })

  it('lets its readers know when it is gone', async () => {
    const tenant = newId()
    const { closed } = await reader(tenant)
    await evictDurableObject(env.FEEDS.getByName(tenant), { webSockets: 'close' })
    await expect.poll(closed).toBe(true)
  })

  it('takes in no more readers than Postgres can serve, and others when some have left', async () => {
    const tenant = newId()
    const readers = await Promise.all(Array.from({ length: MAX_FEED_READERS }, () => reader(tenant)))
    expect(await feeds.listen(tenant)).toBe(TOO_MANY_READERS)
    readers[0]?.socket.close()
    await expect.poll(() => readersOf(tenant)).toBe(MAX_FEED_READERS - 1)
    await reader(tenant)
  })

  it('says that nobody hears where there is no reader', async () => {
    expect(await feeds.tell(newId())).toBe(0)
  })

  it('takes in readers only', async () => {
    const answer = await env.FEEDS.getByName(newId()).fetch('https://feed.invalid/')
    expect(answer.status).toBe(426)
  })
})
