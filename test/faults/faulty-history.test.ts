import pg from 'pg'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { verifyTenant } from '../../src/local/verify/verify-tenant.ts'
import { seededRandom } from '../../src/model/sample-text.ts'
import { Api } from '../support/api.ts'
import { type Fault, type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts'
import { startTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'
import { Writers } from './writers.ts'

const { seed } = inject('kill')
const CONVERSATIONS = Array.from({ length: 12 }, (_, i) => `faulty-${i}`)
const WRITERS = 4
const READERS = 6

/** What happens to every 25 requests to the database, in an order that the seed chooses. */
const FAULTS: readonly (readonly [Fault, number])[] = [
  ['none', 12],
  ['cut before', 2],
  ['answer lost', 4],
  ['answer torn', 2],
  ['slow', 2],
  ['500', 1],
  ['507', 1],
  ['429', 1],
]

/** The one that stalls: it holds its caller for 15 seconds. */
const STALLED = 7

/** Requests to the database until it is well again: every fault has then happened to reads and to writes. */
const FAULTY_REQUESTS = 60

let database: TestDatabase
let proxy: FaultyProxy
let service: TestService

beforeAll(async () => {
  database = await startTestDatabase()
  const { origin, pathname } = new URL(database.fetchEndpoint)
  proxy = await startFaultyProxy(origin)
  service = await startTestService({ history: { ...database, fetchEndpoint: `${proxy.url}${pathname}` } })
})
afterAll(async () => {
  await service?.stop()
  await proxy?.close()
})

it('delivers every event once and in order through a database that refuses, stalls, cuts, fails and loses its answers', async () => {
  console.log(`faulty history: KILL_SEED=${seed}`)
  proxy.setFaults(faults(seededRandom(seed)))
  const writers = new Writers({
    writers: WRITERS,
    pauseMs: 20,
    conversations: CONVERSATIONS,
    random: seededRandom(seed + 1),
    url: () => service.url,
  })
  const api = new Api(service.url)
  const follower = new Follower(api)
  const isOver = () => proxy.seen.length > FAULTY_REQUESTS
  const readers = Array.from({ length: READERS }, async () => {
    while (!isOver()) await api.get('/v1/conversations')
  })
  while (!isOver()) await follower.look()
  await Promise.all(readers)
  const { byConversation, repeats } = await writers.end()
  proxy.setFaults(() => 'none')
  for (const [fault] of FAULTS) expect(proxy.seen).toContain(fault)
  // Whatever the database did: recording does not wait for it.
  expect(repeats).toBe(0)

  for (const conversation of byConversation.keys()) {
    await waitFor(`${conversation} is delivered`, 90, () => api.persisted(conversation))
  }
  await waitFor('the follower has seen the end', 20, async () => (await follower.look()) === 'end')
  const ids = [...byConversation.values()].flat()
  expect(follower.ids.toSorted()).toEqual(ids.toSorted())

  const client = new pg.Client(database.databaseUrl)
  await client.connect()
  const differences: string[] = []
  const report = (line: string) => differences.push(line)
  const verified = await verifyTenant({ url: service.url, client, tenant: 'default', report })
  await client.end()
  expect(differences).toEqual([])
  expect(verified).toEqual({ conversations: byConversation.size, events: ids.length, waiting: 0, differences: 0 })
  expect(await api.json('/v1/quarantine')).toEqual({ items: [], next_cursor: null })
}, 240_000)

/** Deals the faults like cards, shuffled. */
function faults(random: () => number): () => Fault {
  let dealt = 0
  let cards: Fault[] = []
  return () => {
    dealt += 1
    if (dealt === STALLED) return 'stall'
    if (cards.length === 0) {
      const sorted = FAULTS.flatMap(([fault, count]) => Array.from({ length: count }, () => ({ fault, at: random() })))
      cards = sorted.toSorted((a, b) => a.at - b.at).map(({ fault }) => fault)
    }
    return cards.pop() ?? 'none'
  }
}

/** Reads the feed from its beginning by following its cursor, and asks again where it gets no answer. */
class Follower {
  readonly ids: string[] = []
  readonly #api: Api
  #after = ''

  constructor(api: Api) {
    this.#api = api
  }

  async look(): Promise<'more' | 'end' | 'away'> {
    const page = await this.#api.page(`/v1/events?limit=200${this.#after}`).catch(() => null)
    if (!page) return 'away'
    this.ids.push(...page.items.map(({ text }) => JSON.parse(text).event_id as string))
    const last = page.items.at(-1)
    if (last) this.#after = `&after=${last.cursor}`
    return page.next_cursor === null ? 'end' : 'more'
  }
}
