import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tenantSettings } from '../../src/local/tenant-settings.ts'
import { AuditDesk } from '../support/audit.ts'
import { eventText } from '../support/events.ts'
import { type RestartableDatabase, startRestartableDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

/** In everything that must not be found. */
const MARK = 'Planted0Secret'
const KEY = `evs_${MARK}00_${MARK}${'x'.repeat(43 - MARK.length)}`
const TICKET = `evt_${MARK}${'x'.repeat(60)}`
const TOKEN = `eyJhbGciOiJFUzI1NiJ9.${MARK}.${MARK}`

let database: RestartableDatabase
let service: TestService
let desk: AuditDesk
let requests = 0

beforeAll(async () => {
  database = await startRestartableDatabase()
  service = await startTestService({ history: database })
  desk = await AuditDesk.open(database.databaseUrl)
  await tenantSettings(database.databaseUrl, 'default', { audit_reads: true })
})
afterAll(async () => {
  await desk?.close()
  await service?.stop()
})

async function send(path: string, init: RequestInit = {}) {
  const id = `secret-request-${++requests}`
  const headers = {
    'User-Agent': `tool/1.0 (${MARK}) ${MARK} x/${MARK} ${KEY}`,
    'Event-Store-Session': MARK,
    Cookie: `session=${MARK}`,
    'CF-Connecting-IP': MARK,
    'X-Forwarded-For': MARK,
    'X-Request-Id': id,
    ...init.headers,
  }
  const answer = await fetch(`${service.url}${path}`, { ...init, headers })
  return { id, status: answer.status, text: await answer.text() }
}

const json = { 'Content-Type': 'application/json' }
const post = (body: string, path = '/v1/events') => send(path, { method: 'POST', headers: json, body })
const event = () => eventText({ conversation: 'c', data: JSON.stringify({ content: MARK }) })

/** Requests with secrets in every place that takes text, with the status that each is answered with while all is well. */
const PLANTED: readonly (readonly [string, number, () => ReturnType<typeof send>])[] = [
  ['events', 201, () => post(event())],
  ['an event that is not valid', 422, () => post(event().replace('"ToolInvoke"', `{"a":"${MARK}"}`))],
  ['no JSON', 400, () => post(`{"${MARK}`)],
  ['an unknown key', 401, () => send('/v1/events', { headers: { Authorization: `Bearer ${KEY}` } })],
  ['a token', 401, () => send('/v1/events', { headers: { Authorization: `Bearer ${TOKEN}` } })],
  ['another scheme', 401, () => send('/v1/events', { headers: { Authorization: `Basic ${btoa(MARK)}${MARK}` } })],
  ['a key in the query', 400, () => send(`/v1/events?api_key=${KEY}`)],
  ['an unknown ticket', 401, () => send(`/v1/conversations/c/live?ticket=${TICKET}`)],
  ['a ticket as a key', 401, () => send('/v1/events', { headers: { Authorization: `Bearer ${TICKET}` } })],
  ['a ticket where none belongs', 400, () => send(`/v1/events?ticket=${TICKET}`)],
  ['a ticket for an id', 201, () => send(`/v1/conversations/${TICKET}/ticket`, { method: 'POST' })],
  ['an unknown parameter', 400, () => send(`/v1/events?other=${MARK}`)],
  ['a key as request id', 200, () => send('/v1/quarantine', { headers: { 'X-Request-Id': KEY } })],
  ['a filter', 200, () => send(`/v1/events?event_type=${MARK}`)],
  ['a key for an id', 404, () => send(`/v1/events/${KEY}`)],
  ['a key among ids', 200, () => send(`/v1/conversations/${encodeURIComponent(`a ${KEY}`)}/events`)],
  [
    'a conversation and an event named as keys, set aside',
    201,
    async () => {
      await post(eventText({ conversation: 'first', id: `of-${KEY}` }))
      return post(eventText({ conversation: KEY, id: `of-${KEY}` }))
    },
  ],
  ['a refused clearing', 400, () => send(`/v1/events?confirm=${MARK}`, { method: 'DELETE' })],
  ['a wish for a key', 400, () => post(JSON.stringify({ scopes: [MARK], application_name: MARK }), '/v1/keys')],
  ['an unknown path', 404, () => send(`/${KEY}/${MARK}`)],
]

/** Lines of the Worker, without what the test's own runtime adds. */
const logged = () => JSON.stringify(service.logged)

describe('secrets planted in requests', () => {
  it('are found in no log line and no audit row, while all is well', async () => {
    for (const [what, status, plant] of PLANTED) {
      const answer = await plant()
      expect([what, answer.status]).toEqual([what, status])
    }
    const last = await send('/v1/audit')
    await waitFor('the last audit row', 20, async () => (await desk.dump()).includes(last.id))
    expect(last.text).not.toContain(MARK)
    const rows = await desk.dump()
    await waitFor('an event set aside', 20, async () => logged().includes('an event was set aside'))
    expect(rows).toContain('[redacted]')
    expect(rows).not.toContain(MARK)
    expect(rows).not.toContain(btoa(MARK))
    expect(logged()).toContain('"message\\":\\"request\\"')
    expect(logged()).not.toContain(MARK)
    expect(logged()).not.toContain(btoa(MARK))
  })

  it('are found in none while Postgres is away, and what was done meanwhile is in the log once when it is back', async () => {
    await desk.close()
    await database.takeAway()
    const audited: string[] = []
    for (const [, , plant] of PLANTED) await plant()
    for (const [path, init] of [
      ['/v1/quarantine', {}],
      ['/v1/events?confirm=default', { method: 'DELETE' }],
      // One that need not be looked up.
      ['/v1/events', { headers: { Authorization: `Bearer ${KEY}x` } }],
    ] as const) {
      const { id, status } = await send(path, init)
      audited.push(id)
      expect([401, 503]).toContain(status)
    }
    const reads = await Promise.all(Array.from({ length: 20 }, () => send('/v1/conversations/c/events')))
    audited.push(...reads.map(({ id }) => id))
    expect(reads.map(({ status }) => status)).toEqual(Array(20).fill(200))
    await waitFor('a delivery that failed', 20, async () => logged().includes('audit entries could not be stored'))

    await database.bringBack()
    desk = await AuditDesk.open(database.databaseUrl)
    const found = await waitFor('all rows of the outage', 60, async () => {
      const rows = (await desk.rows()).filter(({ request_id }) => audited.includes(request_id))
      return rows.length >= audited.length ? rows : null
    })
    expect(found.map(({ request_id }) => request_id).sort()).toEqual([...audited].sort())
    expect(found.filter(({ operation }) => operation === 'GET /v1/quarantine')).toMatchObject([
      { outcome: 'failed', status: 503 },
    ])
    expect(await desk.dump()).not.toContain(MARK)
    expect(logged()).not.toContain(MARK)
  })
})
