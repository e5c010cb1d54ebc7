import { afterAll, beforeAll, expect, it } from 'vitest'
import { AuditDesk, type AuditRow } from '../support/audit.ts'
import { eventText } from '../support/events.ts'
import { keyIdOf } from '../support/keys.ts'
import { followingTenant } from '../support/live-feed.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

const SOON = 12

let service: TestService
let desk: AuditDesk

beforeAll(async () => {
  service = await startTestService({ history: 'postgres' })
  desk = await AuditDesk.open((service.database as TestDatabase).databaseUrl)
})
afterAll(async () => {
  await desk?.close()
  await service?.stop()
})

it('shows no tenant anything of another, ends when its credential is revoked, and is recorded like an export', async () => {
  const [mine, theirs] = [await followingTenant(service, 'mine', 'admin'), await followingTenant(service, 'theirs')]
  const [myFeed, theirFeed] = [await mine.open(), await theirs.open()]
  await Promise.all(
    Array.from({ length: 10 }, async (_, i) => {
      await mine.post([eventText({ conversation: 'shared', id: `mine-${i}` })])
      await theirs.post([eventText({ conversation: 'shared', id: `theirs-${i}` })])
    }),
  )
  await waitFor('events of both', SOON, async () => myFeed.ids.length === 10 && theirFeed.ids.length === 10)
  expect(myFeed.ids.every((id) => id.startsWith('mine-'))).toBe(true)
  expect(theirFeed.ids.every((id) => id.startsWith('theirs-'))).toBe(true)

  theirFeed.cut()
  const revoked = await fetch(`${service.url}/v1/keys/${keyIdOf(mine.key)}`, { method: 'DELETE', headers: mine.headers })
  expect(revoked.status).toBe(200)
  await waitFor('the end', 90, async () => myFeed.ended !== null)
  expect(myFeed.ended).toBe('clean')
  const { event, data } = myFeed.messages.at(-1) ?? {}
  expect([event, JSON.parse(data ?? '').status]).toEqual(['error', 401])

  // That a reader has left shows when heartbeats no longer reach it.
  for (const tenant of ['mine', 'theirs']) {
    const isEntry = (row: AuditRow) => row.tenant_id === tenant && row.operation === 'GET /v1/events/live' && row.count === 10
    const row = await waitFor('the entry', 60, async () => (await desk.rows()).find(isEntry) ?? null)
    expect(row).toMatchObject({ status: 200, outcome: 'ok' })
  }
}, 150_000)
