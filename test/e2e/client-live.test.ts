import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HttpEventStore, type HttpEventStoreOptions } from '../../src/client/index.ts'
import { eventOfSize, eventText } from '../support/events.ts'
import { createKey } from '../support/keys.ts'
import { CuttingProxy } from '../support/live.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

let service: TestService
let proxy: CuttingProxy
let proxied: string
let key: string

const TENANT = 'followed'

beforeAll(async () => {
  service = await startTestService({ history: 'postgres' })
  proxy = new CuttingProxy(Number(new URL(service.url).port))
  proxied = await proxy.listen()
  if (service.database) key = await createKey(service.database, TENANT, ['admin'])
})
afterAll(async () => {
  proxy?.close()
  await service?.stop()
})

const RETRY = { firstDelayMs: 5, longestDelayMs: 200 }

const openStore = (options: Partial<HttpEventStoreOptions> = {}) =>
  new HttpEventStore({ url: service.url, apiKey: key, tenant: TENANT, retry: RETRY, ...options })

const idsOf = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}`)

describe('a live read of the service', () => {
  it('gives each event of a conversation once and in order, over connections that are cut', async () => {
    const ids = idsOf('cut', 300)
    const writer = openStore()
    const reader = openStore({ url: proxied })
    const seqs: number[] = []
    let cuts = 0
    const reading = (async () => {
      for await (const { seq } of reader.live('cut')) {
        seqs.push(seq)
        if (seq % 30 === 0) cuts += proxy.cut()
        if (seq === ids.length) break
      }
    })()
    for (let at = 0; at < ids.length; at += 10) {
      await writer.recordEvents(ids.slice(at, at + 10).map((id) => eventText({ conversation: 'cut', id })))
    }
    await reading
    expect(seqs).toEqual(ids.map((_, i) => i + 1))
    expect(cuts).toBeGreaterThan(3)
  })

  it('gives each event of the feed once, over connections that are cut, whoever records at the same time', async () => {
    const reader = openStore({ url: proxied })
    const lists = [1, 2, 3, 4].map((writer) => idsOf(`feed${writer}`, 50))
    const seen: string[] = []
    const reading = (async () => {
      for await (const { event } of reader.liveEvents()) {
        if (!event.event_id.startsWith('feed')) continue
        if (seen.push(event.event_id) % 40 === 0) proxy.cut()
        if (seen.length === 200) break
      }
    })()
    await Promise.all(
      lists.map(async (ids, writer) => {
        const store = openStore()
        for (const id of ids) await store.recordEvent(eventText({ conversation: `feed-${writer}`, id }))
      }),
    )
    await reading
    expect(seen.toSorted()).toEqual(lists.flat().toSorted())
    for (const ids of lists) expect(seen.filter((id) => ids.includes(id))).toEqual(ids)
  })

  it('has what its client recorded by the time that it is up to date', async () => {
    const store = openStore()
    await store.recordEvents(idsOf('own', 3).map((id) => eventText({ conversation: `own ${id}`, id })))
    for (const live of ['conversation', 'feed']) {
      const seen: string[] = []
      const told = Promise.withResolvers<readonly string[]>()
      const onUpToDate = () => told.resolve([...seen])
      const reading = live === 'feed' ? store.liveEvents({ onUpToDate }) : store.live('own own-1', { onUpToDate })
      const following = (async () => {
        for await (const { event } of reading) seen.push(event.event_id)
      })()
      const ids = await told.promise
      await reading.return()
      await following
      expect(ids).toEqual(expect.arrayContaining(live === 'feed' ? idsOf('own', 3) : ['own-1']))
    }
  })

  it('waits for the first event of a conversation, and takes the largest one', async () => {
    const store = openStore()
    const text = eventOfSize(4 * 1024 * 1024, { conversation: 'new', id: 'large' })
    const next = store.live('new').next()
    await store.recordEvent(text)
    expect((await next).value).toMatchObject({ seq: 1, event: { event_id: 'large' } })
  })

  it('goes on after a clearing, where the conversation counts from 1 again', async () => {
    const store = openStore()
    const record = (id: string) => store.recordEvent(eventText({ conversation: 'cleared', id }))
    const seqs: number[] = []
    await record('before-1')
    await record('before-2')
    for await (const { seq, event } of store.live('cleared')) {
      seqs.push(seq)
      if (event.event_id === 'before-2') {
        await store.clearEvents()
        await record('after-1')
      }
      if (event.event_id === 'after-1') break
    }
    expect(seqs).toEqual([1, 2, 1])
  })

  it('is refused for a cursor that is none, a key without the right, and something else than a key', async () => {
    if (!service.database) throw new Error('there is no database')
    const writing = await createKey(service.database, TENANT, ['events:write'])
    await expect(openStore().live('c', { after: 'x' }).next()).rejects.toMatchObject({ kind: 'invalid-request' })
    await expect(openStore().liveEvents({ after: 'x' }).next()).rejects.toMatchObject({ kind: 'invalid-request' })
    await expect(openStore({ apiKey: writing }).live('c').next()).rejects.toMatchObject({ kind: 'forbidden', transient: false })
    await expect(openStore({ apiKey: 'evs_no_key' }).live('c').next()).rejects.toMatchObject({ kind: 'unauthenticated' })
  })

  it('holds no connection once it is left', async () => {
    const store = openStore({ url: proxied })
    const controller = new AbortController()
    const reads = [store.live('left'), store.liveEvents(), store.live('left', { signal: controller.signal })] as const
    const waiting = Promise.allSettled([reads[0].next(), Array.fromAsync(reads[1]), reads[2].next()])
    await waitFor('the connections', 20, async () => proxy.open >= 3)
    await reads[0].return()
    controller.abort()
    await store.close()
    await waitFor('no connection', 20, async () => proxy.open === 0)
    expect((await waiting).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  })
})
