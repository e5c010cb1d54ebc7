import { beforeEach, describe, expect, it } from 'vitest'
import { EventPersistenceError, HttpEventStore } from '../../src/client/index.ts'
import { eventText } from '../support/events.ts'
import { waitFor } from '../support/wait-for.ts'
import { FakeService } from './fake-service.ts'

let service: FakeService
let store: HttpEventStore

beforeEach(() => {
  service = new FakeService()
  store = new HttpEventStore({ url: 'http://service.invalid', fetch: service.fetch, retry: { attempts: 1 } })
})

const idsOf = (count: number) => Array.from({ length: count }, (_, i) => `conversation-${i}`)
const recordAll = (ids: readonly string[]) => Promise.all(ids.map((id) => store.recordEvent(eventText({ conversation: id, id }))))
const reads = () => service.requests.filter(({ method }) => method === 'GET')
const flushes = () => reads().filter(({ path }) => path === '/v1/conversations')

describe('an HttpEventStore', () => {
  it('names every write of calls that ran at once in the next read of the history, and no longer in the one after', async () => {
    await recordAll(idsOf(10))
    await store.getEvents()
    await store.getEvents()
    expect(reads().map(({ session }) => session.length)).toEqual([10, 0])
  })

  it('names of its writes the one to a conversation in a read of it, and none in a write', async () => {
    await recordAll(idsOf(3))
    await store.getConversationEvents('conversation-1')
    await store.getConversationEvents('of-others')
    await store.getEvents()
    expect(service.requests.map(({ method, session }) => [method, session.length])).toEqual([
      ...Array.from({ length: 3 }, () => ['POST', 0]),
      ['GET', 1],
      ['GET', 0],
      ['GET', 3],
    ])
    expect(reads()[0]?.session).toEqual(['conversation-1'])
  })

  it('brings what does not fit one header to the history first, the oldest writes first, each once', async () => {
    const ids = idsOf(200)
    await recordAll(ids)
    await store.getEvents()
    expect(reads().at(-1)?.path).toBe('/v1/events')
    expect(flushes().length).toBeGreaterThan(0)
    expect(new Set(flushes()[0]?.session)).toEqual(new Set(ids.slice(0, flushes()[0]?.session.length)))
    expect(reads().flatMap(({ session }) => session)).toHaveLength(200)
    expect(service.history.size).toBe(200)
  })

  it('brings each write to the history once for reads that run at once', async () => {
    const ids = idsOf(200)
    await recordAll(ids)
    const found = await Promise.all(ids.map((id) => store.getEvent(id)))
    expect(found.every((event) => event !== null)).toBe(true)
    expect(reads().flatMap(({ session }) => session)).toHaveLength(200)
  })

  it('finds every event of one call that wrote to more conversations than its answer could name', async () => {
    const ids = idsOf(200)
    await store.recordEvents(ids.map((id) => eventText({ conversation: id, id })))
    const found = await Promise.all(ids.map((id) => store.getEvent(id)))
    expect(found.map((event) => event?.event_id)).toEqual(ids)
  })

  it('finds what it wrote while a read of something unknown runs beside', async () => {
    await recordAll(['a'])
    const [unknown, known] = await Promise.all([store.getEvent('unknown'), store.getEvent('a')])
    expect([unknown, known?.event_id]).toEqual([null, 'a'])
  })

  it('makes no more rounds than there are headers full, even where the service takes nothing off the session', async () => {
    service.keepsSessions = true
    await recordAll(idsOf(200))
    await store.getEvents()
    expect(reads().length).toBeLessThan(8)
    expect(service.history.size).toBe(200)
  })

  it('fails a read while the history is away, and finds every write when it is back', async () => {
    const ids = idsOf(200)
    await recordAll(ids)
    service.historyIsAway = true
    const failed = await Promise.allSettled(ids.map((id) => store.getEvent(id)))
    expect(failed.every((one) => one.status === 'rejected' && one.reason instanceof EventPersistenceError)).toBe(true)
    service.historyIsAway = false
    const found = await Promise.all(ids.map((id) => store.getEvent(id)))
    expect(found.map((event) => event?.event_id)).toEqual(ids)
  })

  it('does not collect the writes of a client that never reads the history', async () => {
    for (let at = 0; at < 1200; at += 50) await recordAll(idsOf(at + 50).slice(at))
    await waitFor('the history has most writes', 10, async () => service.history.size > 800)
    const before = flushes().length
    await store.getEvents()
    expect(flushes().length - before).toBeLessThan(6)
    expect(service.history.size).toBe(1200)
  })

  it('goes on recording while the history is away, and keeps what it carries', async () => {
    service.historyIsAway = true
    for (let at = 0; at < 1200; at += 50) await recordAll(idsOf(at + 50).slice(at))
    expect(flushes().length).toBeGreaterThan(0)
    expect(flushes().length).toBeLessThan(6)
    service.historyIsAway = false
    await store.getEvents()
    expect(service.history.size).toBe(1200)
  })

  it('tells of an answer that breaks off as of a service that cannot be reached', async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError('terminated')) })
    const fetch = async () => new Response(broken)
    store = new HttpEventStore({ url: 'http://service.invalid', fetch, retry: { attempts: 1 } })
    const failure = await store.getEvents().catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(EventPersistenceError)
    expect(failure).toMatchObject({ operation: 'getEvents', transient: true })
  })
})
