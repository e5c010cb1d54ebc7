import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tenantSettings } from '../../src/local/tenant-settings.ts'
import { AuditDesk, type AuditRow, type TestKey } from '../support/audit.ts'
import { eventOfSize, eventText } from '../support/events.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

let service: TestService
let desk: AuditDesk
let requests = 0

beforeAll(async () => {
  service = await startTestService({ history: 'postgres' })
  desk = await AuditDesk.open(service.database?.databaseUrl ?? '')
})
afterAll(async () => {
  await desk?.close()
  await service?.stop()
})

interface Sent {
  readonly answer: Response
  readonly id: string
}

async function send(path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Sent> {
  const id = `audit-request-${++requests}`
  const answer = await fetch(`${service.url}${path}`, {
    ...init,
    headers: { 'User-Agent': 'audit-test/1.2 (a comment)', 'CF-Connecting-IP': '203.0.113.7', 'X-Request-Id': id, ...headers },
  })
  return { answer, id }
}

/** Sends it and reads the answer to its end. */
async function call(path: string, headers: Record<string, string> = {}, init: RequestInit = {}) {
  const { answer, id } = await send(path, headers, init)
  return { status: answer.status, text: await answer.text(), id }
}

const json = { 'Content-Type': 'application/json' }

function record(key: TestKey, conversation: string, count: number) {
  const body = `[${Array.from({ length: count }, () => eventText({ conversation })).join(',')}]`
  return call('/v1/events?ack=persisted', { ...key.headers, ...json }, { method: 'POST', body })
}

function rowOf({ id }: { readonly id: string }): Promise<AuditRow> {
  return waitFor(`the audit row of ${id}`, 20, async () => (await desk.rows()).find((row) => row.request_id === id) ?? null)
}

const denied = { outcome: 'denied', count: null }

describe('the audit log', () => {
  it('says who made and revoked which key', async () => {
    const admin = await desk.key('keys', 'admin')
    const body = JSON.stringify({ scopes: ['events:read'] })
    const made = await call('/v1/keys', { ...admin.headers, ...json }, { method: 'POST', body })
    expect(made.status).toBe(201)
    const { key_id } = JSON.parse(made.text)
    expect(await rowOf(made)).toEqual({
      tenant_id: 'keys',
      key_id: admin.key_id,
      operation: 'POST /v1/keys',
      resource: { key_id },
      count: 1,
      outcome: 'ok',
      status: 201,
      address: '203.0.113.7',
      user_agent: 'audit-test/1.2',
      request_id: made.id,
    })
    const revoked = await call(`/v1/keys/${key_id}`, admin.headers, { method: 'DELETE' })
    expect(await rowOf(revoked)).toMatchObject({
      key_id: admin.key_id,
      operation: 'DELETE /v1/keys/{key_id}',
      resource: { key_id },
      count: 1,
      outcome: 'ok',
    })
    const unknown = await call('/v1/keys/abcdefghijklmnop', admin.headers, { method: 'DELETE' })
    expect(await rowOf(unknown)).toMatchObject({ outcome: 'failed', status: unknown.status, count: null })
    expect(await rowOf(await call('/v1/keys', admin.headers))).toMatchObject({
      operation: 'GET /v1/keys',
      count: 2,
      outcome: 'ok',
    })
  })

  it('says who cleared a tenant, and who tried', async () => {
    const writer = await desk.key('clearing', 'events:write', 'events:read')
    const eraser = await desk.key('clearing', 'events:erase')
    await record(writer, 'c1', 2)
    await record(writer, 'c2', 2)
    const refused = await call('/v1/events?confirm=clearing', writer.headers, { method: 'DELETE' })
    expect(refused.status).toBe(403)
    expect(await rowOf(refused)).toMatchObject({ tenant_id: 'clearing', key_id: writer.key_id, ...denied, status: 403 })
    const mistaken = await call('/v1/events?confirm=other', eraser.headers, { method: 'DELETE' })
    expect(await rowOf(mistaken)).toMatchObject({ key_id: eraser.key_id, outcome: 'failed', status: 400 })
    const cleared = await call('/v1/events?confirm=clearing', eraser.headers, { method: 'DELETE' })
    expect(cleared.status).toBe(200)
    expect(await rowOf(cleared)).toMatchObject({ operation: 'DELETE /v1/events', key_id: eraser.key_id, count: 2, outcome: 'ok' })
  })

  it('has every request whose credential does not hold, of no tenant and without its ids', async () => {
    const sent = await call('/v1/conversations/private-id', { Authorization: `Bearer evs_${'a'.repeat(16)}_${'b'.repeat(43)}` })
    expect(sent.status).toBe(401)
    expect(await rowOf(sent)).toMatchObject({
      tenant_id: null,
      key_id: null,
      operation: 'GET /v1/conversations/{id}',
      resource: null,
      ...denied,
      status: 401,
      address: '203.0.113.7',
    })
  })

  it('has the use of a key that was revoked or has expired, with its tenant and key', async () => {
    const admin = await desk.key('stolen', 'admin')
    const [revoked, expired] = [await desk.key('stolen', 'events:read'), await desk.key('stolen', 'events:read')]
    await call(`/v1/keys/${revoked.key_id}`, admin.headers, { method: 'DELETE' })
    await desk.expire(expired.key_id)
    for (const { key_id, headers } of [revoked, expired]) {
      const sent = await call('/v1/conversations/c1/events', headers)
      expect(sent.status).toBe(401)
      const resource = { conversation_id: 'c1' }
      expect(await rowOf(sent)).toMatchObject({ tenant_id: 'stolen', key_id, resource, ...denied, status: 401 })
    }
    const guessed = { Authorization: `Bearer evs_${revoked.key_id}_${'x'.repeat(43)}` }
    expect(await rowOf(await call('/v1/events', guessed))).toMatchObject({ tenant_id: null, key_id: null, status: 401 })
  })

  it('has what a key may not do, with the ids that it asked for', async () => {
    const writer = await desk.key('scopes', 'events:write')
    const sent = await call('/v1/conversations/c1/events', writer.headers)
    expect(await rowOf(sent)).toMatchObject({ tenant_id: 'scopes', resource: { conversation_id: 'c1' }, ...denied, status: 403 })
  })

  it('has exports of the feed with their count, and other reads only where the tenant asks', async () => {
    const url = service.database?.databaseUrl ?? ''
    const quiet = await desk.key('quiet', 'events:write', 'events:read')
    const asking = await desk.key('asking', 'events:write', 'events:read')
    await record(quiet, 'c', 5)
    await record(asking, 'c', 5)
    expect(await tenantSettings(url, 'asking', { audit_reads: true })).toEqual({ audit_reads: true })
    expect(await tenantSettings(url, 'quiet')).toEqual({ audit_reads: false })

    const lines = { Accept: 'application/x-ndjson' }
    const unseen = [await call('/v1/conversations/c/events', quiet.headers), await call('/v1/events', quiet.headers)]
    const exported = await call('/v1/events', { ...quiet.headers, ...lines })
    expect(await rowOf(exported)).toMatchObject({ tenant_id: 'quiet', operation: 'GET /v1/events', count: 5, outcome: 'ok' })

    const path = '/v1/conversations/c/events'
    expect(await rowOf(await call(`${path}?limit=3`, asking.headers))).toMatchObject({
      tenant_id: 'asking',
      key_id: asking.key_id,
      operation: 'GET /v1/conversations/{id}/events',
      resource: { conversation_id: 'c' },
      count: 3,
    })
    // From the page cache now, where there is one.
    expect(await rowOf(await call(`${path}?limit=3`, asking.headers))).toMatchObject({ count: 3 })
    expect(await rowOf(await call(path, { ...asking.headers, ...lines }))).toMatchObject({ count: 5 })
    expect(await rowOf(await call('/v1/conversations/c/graph', asking.headers))).toMatchObject({ count: 5 })
    expect(await rowOf(await call('/v1/events/none', asking.headers))).toMatchObject({
      resource: { event_id: 'none' },
      outcome: 'failed',
      status: 404,
    })
    const rows = await desk.rows()
    for (const { id } of unseen) expect(rows.filter((row) => row.request_id === id)).toEqual([])
  })

  it('has an export that its reader breaks off, with what was read', async () => {
    const key = await desk.key('breaking', 'events:write', 'events:read')
    for (let n = 0; n < 3; n++) {
      const body = eventOfSize(4_000_000, { conversation: 'large' })
      await call('/v1/events?ack=persisted', { ...key.headers, ...json }, { method: 'POST', body })
    }
    const { answer, id } = await send('/v1/events', { ...key.headers, Accept: 'application/x-ndjson' })
    const reader = answer.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    const row = await rowOf({ id })
    expect(row).toMatchObject({ operation: 'GET /v1/events', outcome: 'failed', status: 200 })
    expect(row.count).toBeGreaterThan(0)
    expect(row.count).toBeLessThan(3)
  })

  it('is read by administrators of its tenant, in pages, by filters and as lines', async () => {
    const [admin, other, reader] = [
      await desk.key('readers', 'admin'),
      await desk.key('elsewhere', 'admin'),
      await desk.key('readers', 'events:read'),
    ]
    expect((await call('/v1/audit', reader.headers)).status).toBe(403)
    for (let n = 0; n < 4; n++) await rowOf(await call('/v1/quarantine', admin.headers))
    const read = async (query: string, key = admin) => JSON.parse((await call(`/v1/audit${query}`, key.headers)).text)
    const first = await read('?operation=GET%20/v1/quarantine&limit=3')
    expect(first.items).toHaveLength(3)
    expect(first.items[0]).toMatchObject({ key_id: admin.key_id, operation: 'GET /v1/quarantine', count: 0, outcome: 'ok' })
    const rest = await read(`?operation=GET%20/v1/quarantine&limit=3&after=${first.next_cursor}`)
    expect(rest).toMatchObject({ next_cursor: null, items: [{ from: { address: '203.0.113.7', user_agent: 'audit-test/1.2' } }] })
    expect(JSON.stringify([first, rest])).not.toContain('tenant')
    const [deniedOne] = (await read('?outcome=denied')).items
    expect(deniedOne).toMatchObject({ key_id: reader.key_id, operation: 'GET /v1/audit', status: 403 })
    expect((await read('?operation=GET%20/v1/quarantine', other)).items).toEqual([])
    const lines = await call(`/v1/audit?key_id=${reader.key_id}`, { ...admin.headers, Accept: 'application/x-ndjson' })
    expect(JSON.parse(lines.text)).toEqual(deniedOne)
    expect((await call('/v1/audit?after=42', admin.headers)).status).toBe(400)
    expect((await call('/v1/audit?outcome=good', admin.headers)).status).toBe(400)
    expect(await rowOf(lines)).toMatchObject({ operation: 'GET /v1/audit', count: 1 })
  })
})
