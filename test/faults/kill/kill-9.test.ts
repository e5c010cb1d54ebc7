import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { verifyTenant } from '../../../src/local/verify/verify-tenant.ts'
import { seededRandom } from '../../../src/model/sample-text.ts'
import { Api } from '../../support/api.ts'
import { waitFor } from '../../support/wait-for.ts'
import { pause, Writers } from '../writers.ts'
import { Killable } from './killable.ts'

const { rounds, seed } = inject('kill')
const CONVERSATIONS = ['kill-1', 'kill-2', 'kill-3', 'kill-4', 'kill-5']
const WRITERS = 8

const killable = new Killable({ scriptPath: join(inject('builtWorker'), 'worker.js') })

beforeAll(() => killable.start(), 120_000)
afterAll(() => killable.stop())

it('loses no acknowledged event, whatever is killed and whenever', { timeout: 120_000 + rounds * 30_000 }, async () => {
  console.log(`kill -9: KILL_SEED=${seed} KILL_ROUNDS=${rounds}`)
  const random = seededRandom(seed)
  const writers = new Writers({
    writers: WRITERS,
    conversations: CONVERSATIONS,
    random: seededRandom(seed + 1),
    url: () => killable.url,
  })
  for (let round = 0; round < rounds; round++) {
    await pause(50 + random() * 900)
    const what = random()
    if (what < 0.75) await killable.killRuntime()
    if (what > 0.5) await killable.killPostgres()
    await pause(random() * 300)
    if (what > 0.5) await killable.startPostgres()
    if (what < 0.75) await killable.startRuntime()
  }
  const { byConversation, requests, repeats } = await writers.end()
  console.log(`${requests} requests acknowledged, ${repeats} tries repeated`)
  expect(repeats).toBeGreaterThan(0)

  const api = new Api(killable.url as string)
  for (const [conversation, ids] of byConversation) {
    await waitFor(`${conversation} is delivered`, 90, () => api.persisted(conversation))
    const items = await api.all(`/v1/conversations/${conversation}/events`, 'limit=1000')
    expect(items.map(({ seq }) => seq)).toEqual(items.map((_, i) => i + 1))
    expect(items.map(({ text }) => JSON.parse(text).event_id).toSorted()).toEqual(ids.toSorted())
  }

  const client = new pg.Client(killable.databaseUrl)
  await client.connect()
  const differences: string[] = []
  const options = { url: api.url, client, tenant: 'default', report: (line: string) => differences.push(line) }
  const verified = await verifyTenant(options)
  await client.end()
  expect(differences).toEqual([])
  const events = [...byConversation.values()].reduce((sum, ids) => sum + ids.length, 0)
  expect(verified).toEqual({ conversations: byConversation.size, events, waiting: 0, differences: 0 })
})
