import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventText } from '../support/events.ts'
import { followingTenant } from '../support/live-feed.ts'
import { type RestartableDatabase, startRestartableDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

const SOON = 12

let database: RestartableDatabase
let service: TestService

beforeAll(async () => {
  database = await startRestartableDatabase()
  service = await startTestService({ history: database })
})
afterAll(() => service?.stop())

it('fails with a problem while Postgres is away, and then has what came meanwhile', async () => {
  const { post, open, headers } = await followingTenant(service, 'away')
  await post([eventText({ conversation: 'a', id: 'a-1' })], '?ack=persisted')
  const before = await open()
  await waitFor('the first', SOON, async () => before.lastEventId !== null)
  await database.takeAway()
  await post([eventText({ conversation: 'a', id: 'a-2' })])
  await waitFor('the end', 60, async () => before.ended !== null)
  expect(before.ended).toBe('clean')
  const { event, data } = before.messages.at(-1) ?? {}
  expect([event, JSON.parse(data ?? '')]).toMatchObject([
    'error',
    { type: 'urn:edge-event-store:problem:history-unavailable', status: 503 },
  ])
  const refused = await fetch(`${service.url}/v1/events/live`, { headers })
  expect([refused.status, refused.headers.get('Content-Type')]).toEqual([503, 'application/problem+json'])

  await database.bringBack()
  const after = await waitFor('a stream', 30, () => open('', { 'Last-Event-ID': before.lastEventId as string }).catch(() => null))
  await waitFor('what came meanwhile', 60, async () => after.ids.length > 0)
  await post([eventText({ conversation: 'a', id: 'a-3' })])
  await waitFor('what came then', 60, async () => after.ids.length > 1)
  expect([...before.ids, ...after.ids]).toEqual(['a-1', 'a-2', 'a-3'])
  after.cut()
}, 180_000)
