import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EventPersistenceError, HttpEventStore, type HttpEventStoreOptions, type RecordResult } from '../../src/client/index.ts'
import { seededRandom } from '../../src/model/sample-text.ts'
import { Api } from '../support/api.ts'
import { eventText } from '../support/events.ts'
import { type Fault, type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts'
import { startTestService, type TestService } from '../support/service.ts'

let service: TestService
let proxy: FaultyProxy
let api: Api

beforeAll(async () => {
  service = await startTestService({ history: 'postgres' })
  proxy = await startFaultyProxy(service.url)
  api = new Api(service.url)
})
afterAll(async () => {
  await proxy?.close()
  await service?.stop()
})

const CLIENTS: [string, HttpEventStoreOptions['buffer']][] = [
  ['that posts each call', false],
  ['that gathers calls', { maxDelayMs: 2, maxEvents: 8 }],
]

const EVENTS = 40
const CONVERSATIONS = 4

function openStore(buffer: HttpEventStoreOptions['buffer'], attempts: number): HttpEventStore {
  return new HttpEventStore({
    url: proxy.url,
    buffer,
    timeoutMs: 1_200,
    retry: { attempts, firstDelayMs: 5, longestDelayMs: 20, budgetMs: 30_000 },
  })
}

/** Events in several conversations, and their ids by conversation. */
function eventsOf(name: string) {
  const events = Array.from({ length: EVENTS }, (_, i) => {
    const conversation = `${name}-${i % CONVERSATIONS}`
    return { conversation, id: `${name}:${i}`, text: eventText({ conversation, id: `${name}:${i}` }) }
  })
  const ids = new Map(Array.from({ length: CONVERSATIONS }, (_, i) => [`${name}-${i}`, [] as string[]]))
  for (const { conversation, id } of events) ids.get(conversation)?.push(id)
  return { events, ids }
}

const stored = async (conversation: string) =>
  (await api.all(`/v1/conversations/${conversation}/events`)).map(({ text }) => JSON.parse(text).event_id as string)

/** Each event stands once, and each result tells where. */
async function expectStoredOnce(ids: ReadonlyMap<string, readonly string[]>): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for (const [conversation, expected] of ids) {
    const list = await stored(conversation)
    expect(list.toSorted()).toEqual(expected.toSorted())
    found.set(conversation, list)
  }
  return found
}

describe.each(CLIENTS)('a client %s', (kind, buffer) => {
  const name = (fault: string) => `${kind}-${fault}`.replaceAll(' ', '-')

  it.each<Fault>(['cut before', 'answer lost', 'answer torn', 'stall', 'answer stalls', 'slow', '500', '429'])(
    'stores every event once and tells where, though each first try ends with: %s',
    async (fault) => {
      const { events, ids } = eventsOf(name(fault))
      const before = proxy.seen.length
      let turn = 0
      proxy.setFaults(() => (turn++ % 2 === 0 ? fault : 'none'))
      // Every second request of all fails: one event may meet that many times over.
      const store = openStore(buffer, 100)
      const calls = events.map(async ({ conversation, id, text }) => ({
        conversation,
        id,
        result: await store.recordEvent(text),
      }))
      const results = await Promise.all(calls)
      await store.close()
      proxy.setFaults(() => 'none')
      expect(proxy.seen.slice(before)).toContain(fault)
      const found = await expectStoredOnce(ids)
      if (buffer) expect(found).toEqual(ids)
      for (const { conversation, id, result } of results) {
        const seq = (found.get(conversation) ?? []).indexOf(id) + 1
        expect(result.conversations).toEqual([{ conversation_id: conversation, first_seq: seq, last_seq: seq }])
        expect(result.recorded + result.duplicates).toBe(1)
      }
    },
  )

  it('tells of every call that did not succeed that a repeat is safe, and stores every event once after it heals', async () => {
    const { events, ids } = eventsOf(name('mixed'))
    const random = seededRandom(7)
    const faults: Fault[] = ['cut before', 'answer lost', 'answer torn', '500', '429', 'none']
    proxy.setFaults(() => faults[Math.floor(random() * faults.length)] as Fault)
    const store = openStore(buffer, 2)
    const settled = await Promise.allSettled(events.map(({ text }) => store.recordEvent(text)))
    const failed = events.filter((_, i) => settled[i]?.status === 'rejected')
    for (const one of settled) {
      if (one.status === 'fulfilled') continue
      expect(one.reason).toBeInstanceOf(EventPersistenceError)
      expect(one.reason).toMatchObject({ operation: 'recordEvents', transient: true, repeatIsSafe: true })
    }
    expect(failed.length).toBeGreaterThan(0)
    // A buffer tells of its failures here too, for those who did not wait for each call.
    if (buffer) await expect(store.flush()).rejects.toBeInstanceOf(EventPersistenceError)

    proxy.setFaults(() => 'none')
    const repeated = await Promise.all(failed.map(({ text }) => store.recordEvent(text)))
    await store.close()
    expect(repeated.every(({ conflicts }) => conflicts.length === 0)).toBe(true)
    await expectStoredOnce(ids)
  })

  it('reads what it wrote by every key through a network that fails', async () => {
    const { events, ids } = eventsOf(name('reads'))
    let turn = 0
    const faults: Fault[] = ['500', 'none', 'answer lost', 'none', 'cut before', 'none', 'answer torn', 'none']
    proxy.setFaults(() => faults[turn++ % faults.length] as Fault)
    const store = openStore(buffer, 100)
    const results: Promise<RecordResult>[] = events.map(({ text }) => store.recordEvent(text))
    if (!buffer) await Promise.all(results)
    const [conversation, expected] = [...ids][0] as [string, string[]]
    const own = await store.getConversationEvents(conversation)
    expect(own.map((event) => event.event_id).toSorted()).toEqual(expected.toSorted())
    expect(await store.getEvent(events.at(-1)?.id ?? '')).toMatchObject({ event_id: events.at(-1)?.id })
    const all = new Set<string>()
    for await (const { event } of store.readEvents()) all.add(event.event_id)
    expect(events.filter(({ id }) => !all.has(id))).toEqual([])
    await Promise.all(results)
    await store.close()
    proxy.setFaults(() => 'none')
  })
})

describe('a clearing whose answer is lost', () => {
  it('is not repeated, and says that a repeat is not safe', async () => {
    const seen = proxy.seen.length
    proxy.setFaults(({ method }) => (method === 'DELETE' ? 'answer lost' : 'none'))
    const store = openStore(false, 20)
    await expect(store.clearEvents()).rejects.toMatchObject({ tag: 'event-persistence', transient: true, repeatIsSafe: false })
    expect(proxy.seen.slice(seen)).toEqual(['answer lost'])
    proxy.setFaults(() => 'none')
    expect(await store.getEvents()).toEqual([])
  })
})
