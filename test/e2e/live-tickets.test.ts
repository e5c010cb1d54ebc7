import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CREDENTIAL_POLICY } from '../../src/http/rate-limit.ts'
import { eventText } from '../support/events.ts'
import { bearer, createKey, keyIdOf } from '../support/keys.ts'
import { LiveClient } from '../support/live.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

let service: TestService
let database: TestDatabase
let writer: string

beforeAll(async () => {
  service = await startTestService({
    history: 'postgres',
    vars: { ENVIRONMENT: 'production', CORS_ORIGINS: 'https://app.example.com' },
  })
  database = service.database as TestDatabase
  writer = await createKey(database, 'acme', ['events:write'])
  for (const conversation of ['mine', 'other']) {
    const answer = await ask('POST', '/v1/events', bearer(writer), eventText({ conversation }))
    expect(answer.status).toBe(201)
  }
})
afterAll(() => service?.stop())

async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  const init = { method, headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) } }
  const answer = await fetch(`${service.url}${path}`, body === undefined ? init : { ...init, body })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

const reader = (more = {}) => createKey(database, 'acme', ['events:read'], more)

async function ticketOf(key: string, conversation = 'mine'): Promise<{ ticket: string; expires_at: string }> {
  const answer = await ask('POST', `/v1/conversations/${conversation}/ticket`, bearer(key))
  expect(answer.status).toBe(201)
  return JSON.parse(answer.text)
}

const urlOf = (ticket: string, conversation = 'mine') => `${service.url}/v1/conversations/${conversation}/live?ticket=${ticket}`

async function statusWith(ticket: string, conversation = 'mine', headers: Record<string, string> = {}): Promise<number> {
  const client = new LiveClient(urlOf(ticket, conversation), headers)
  await client.opened
  client.close()
  return client.status
}

describe('a ticket of a key', () => {
  it('reads the conversation for a page of another origin, with a browser that says where it was', async () => {
    const { ticket } = await ticketOf(await reader())
    const client = new LiveClient(urlOf(ticket), { Origin: 'https://app.example.com', 'Last-Event-ID': '0' })
    await waitFor('the event', 10, async () => client.parser.ids.length === 1)
    expect(client.headers['access-control-allow-origin']).toBe('https://app.example.com')
    expect(client.headers['x-content-type-options']).toBe('nosniff')
    expect(client.headers['cache-control']).toBe('no-store, no-transform')
    expect(client.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    client.close()
  })

  it('lives no longer than its key, whose streams end with it', async () => {
    const expires_at = new Date(Date.now() + 5_000).toISOString()
    const key = await reader({ expires_at })
    const made = await ticketOf(key)
    expect(made.expires_at).toBe(expires_at)
    const byTicket = new LiveClient(urlOf(made.ticket))
    const byKey = new LiveClient(`${service.url}/v1/conversations/mine/live`, bearer(key))
    await Promise.all([byTicket.opened, byKey.opened])
    expect([byTicket.status, byKey.status]).toEqual([200, 200])
    for (const client of [byTicket, byKey]) {
      await waitFor('the end of the stream', 30, async () => client.ended)
      expect(client.ended).toBe('ended')
      const last = client.parser.messages.at(-1)
      expect(last?.event).toBe('error')
      expect(JSON.parse(last?.data ?? '')).toMatchObject({ status: 401, type: 'urn:edge-event-store:problem:unauthenticated' })
    }
    expect(await statusWith(made.ticket)).toBe(401)
  })

  it('ends with the revocation of its key, within a minute', async () => {
    const key = await reader()
    const { ticket } = await ticketOf(key)
    const client = new LiveClient(urlOf(ticket))
    await client.opened
    expect(client.status).toBe(200)
    const admin = await createKey(database, 'acme', ['admin'])
    expect((await ask('DELETE', `/v1/keys/${keyIdOf(key)}`, bearer(admin))).status).toBe(200)
    await waitFor('the ticket is refused', 60, async () => (await statusWith(ticket)) === 401)
    await waitFor('the end of the stream', 60, async () => client.ended)
    expect(client.parser.messages.at(-1)?.event).toBe('error')
  })

  it('is worth nothing in another tenant, another conversation, or as a key', async () => {
    const { ticket } = await ticketOf(await reader())
    expect(await statusWith(ticket)).toBe(200)
    expect(await statusWith(ticket, 'other')).toBe(401)
    const foreign = await createKey(database, 'globex', ['events:read'])
    const theirs = await ask('POST', '/v1/conversations/mine/ticket', bearer(foreign))
    const client = new LiveClient(urlOf(JSON.parse(theirs.text).ticket))
    await waitFor('that there is nothing', 10, async () => client.parser.messages.length > 0)
    expect(client.parser.messages).toEqual([{ event: 'up-to-date', id: null, data: '{"cursor":"0"}' }])
    client.close()
    expect((await ask('GET', '/v1/conversations/mine/events', bearer(ticket))).status).toBe(401)
    expect((await ask('GET', `/v1/conversations/mine/events?ticket=${ticket}`)).status).toBe(400)
  })

  it('is asked for by those who may read alone', async () => {
    expect((await ask('POST', '/v1/conversations/mine/ticket', bearer(writer))).status).toBe(403)
    expect((await ask('POST', '/v1/conversations/mine/ticket')).status).toBe(401)
    expect((await ask('GET', '/v1/conversations/mine/ticket', bearer(writer))).status).toBe(405)
    expect((await ask('POST', '/v1/conversations/mine/live', bearer(writer))).status).toBe(405)
  })

  it('stands in no row of the audit log, which tells who asked for one', async () => {
    const key = await reader()
    const { ticket } = await ticketOf(key)
    await statusWith(ticket)
    await statusWith(`${ticket.slice(0, -1)}${ticket.endsWith('a') ? 'b' : 'a'}`)
    const rows = await waitFor('the entry', 20, async () => {
      const { items } = JSON.parse(
        (await ask('GET', '/v1/audit?limit=1000', bearer(await createKey(database, 'acme', ['admin'])))).text,
      )
      const found = items.filter((item: { key_id: string }) => item.key_id === keyIdOf(key))
      return found.length > 0 && found
    })
    expect(rows[0]).toMatchObject({
      operation: 'POST /v1/conversations/{id}/ticket',
      resource: { conversation_id: 'mine' },
      outcome: 'ok',
    })
    expect(JSON.stringify(rows)).not.toContain(ticket.slice(4, 30))
  })

  it('that is refused counts as an attempt to authenticate, for which one in use is not refused', async () => {
    const key = await reader()
    const { ticket } = await ticketOf(key)
    expect(await statusWith(ticket)).toBe(200)
    const wrong = `${ticket.slice(0, -1)}${ticket.endsWith('a') ? 'b' : 'a'}`
    const statuses = new Set<number>()
    // The platform counts anew with each minute of the clock, which may begin in between.
    for (let n = 0; n < (3 * CREDENTIAL_POLICY.limit) / 50 && !statuses.has(429); n++) {
      for (const status of await Promise.all(
        Array.from({ length: 50 }, async () => (await ask('GET', `/v1/conversations/mine/live?ticket=${wrong}`)).status),
      ))
        statuses.add(status)
    }
    expect([...statuses].sort()).toEqual([401, 429])
    expect(await statusWith(ticket)).toBe(200)
  })
})
