import { execFile } from 'node:child_process'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api } from '../../support/api.ts'
import { eventText } from '../../support/events.ts'
import { bearer, createKey } from '../../support/keys.ts'
import { startTestDatabase, type TestDatabase } from '../../support/postgres.ts'
import { startTestService, type TestService } from '../../support/service.ts'
import { waitFor } from '../../support/wait-for.ts'

/** More than are compared at a time. */
const EVENTS = 2_300

describe('npm run verify', () => {
  let service: TestService
  let client: pg.Client
  /** The key of a tenant without events. */
  let acme: string
  let beforeAnyEvent: Awaited<ReturnType<typeof verify>>

  beforeAll(async () => {
    service = await startTestService({ history: 'postgres' })
    client = new pg.Client(service.database?.databaseUrl)
    await client.connect()
    acme = await createKey(service.database as TestDatabase, 'acme', ['events:read', 'events:write'])
    beforeAnyEvent = await verify(['--tenant', 'default'])
    const api = new Api(service.url)
    const long = Array.from({ length: EVENTS }, (_, i) => eventText({ conversation: 'long', id: `long-${i + 1}` }))
    const short = [1, 2, 3, 4].map((i) =>
      eventText({ conversation: 'sh/ort "%', id: `short-${i}`, data: '{"role": "user", "timestamp": 1756377611078069123}' }),
    )
    for (const texts of [long, short]) expect((await api.post(`[${texts.join(',')}]`)).status).toBe(201)
    for (const id of ['long', 'sh/ort "%']) await waitFor(`${id} is delivered`, 30, () => api.persisted(id))
  })
  afterAll(async () => {
    await client?.end()
    await service?.stop()
  })

  function verify(parameters: string[], settings = {}): Promise<{ code: number; out: string; err: string }> {
    const env = { ...process.env, DATABASE_URL: service.database?.databaseUrl ?? '', EVENT_STORE_API_KEY: '', ...settings }
    return new Promise((resolve) => {
      execFile(process.execPath, ['src/local/verify.ts', '--url', service.url, ...parameters], { env }, (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
      )
    })
  }

  it('finds no difference where there is none', async () => {
    const { code, out } = await verify(['--tenant', 'default'])
    expect(out).toBe(`2 conversations, ${EVENTS + 4} events, 0 of them on their way: no difference\n`)
    expect(code).toBe(0)
  })

  it('finds a conversation that is named', async () => {
    const { out } = await verify(['--tenant', 'default', '--conversation', 'never heard of'])
    expect(out).toContain(`3 conversations, ${EVENTS + 4}`)
  })

  it('finds no difference where a tenant that is known has no events', async () => {
    const none = { code: 0, out: '0 conversations, 0 events, 0 of them on their way: no difference\n', err: '' }
    expect(beforeAnyEvent).toEqual(none)
    expect(await verify(['--tenant', 'acme'], { EVENT_STORE_API_KEY: acme })).toEqual(none)
  })

  it('compares nothing where nothing is known of the tenant', async () => {
    const refused = { code: 2, out: '', err: expect.stringContaining('nothing is known of a tenant "defualt"') }
    expect(await verify(['--tenant', 'defualt'])).toEqual(refused)
  })

  it('compares nothing where the credential is of another tenant, or the database of another service', async () => {
    const refused = { code: 2, out: '', err: expect.stringContaining('cannot be compared') }
    expect(await verify(['--tenant', 'default'], { EVENT_STORE_API_KEY: acme })).toEqual(refused)
    expect(await verify(['--tenant', 'acme'])).toEqual(refused)
    const other = await startTestDatabase()
    try {
      expect(await verify(['--tenant', 'default'], { DATABASE_URL: other.databaseUrl })).toEqual(refused)
    } finally {
      await other.stop()
    }
    const headers = { ...bearer(acme), 'Content-Type': 'application/json' }
    const request = { method: 'POST', headers, body: eventText({ conversation: 'long', id: 'long-1' }) }
    expect((await fetch(`${service.url}/v1/events?ack=persisted`, request)).status).toBe(201)
    expect(await verify(['--tenant', 'default'], { EVENT_STORE_API_KEY: acme })).toEqual(refused)
    expect(await verify(['--tenant', 'acme'], { EVENT_STORE_API_KEY: acme })).toMatchObject({ code: 0 })
  })

  it('names what is missing, altered, repeated, out of order or unknown, and fails', async () => {
    await client.query(`DELETE FROM events WHERE event_id = 'long-1500'`)
    await client.query(`UPDATE events SET event = replace(event::text, 'LLMTool', 'LLMtool')::json WHERE event_id = 'long-7'`)
    await client.query(
      `INSERT INTO events (id, tenant_id, event_id, conversation_id, seq, event_type, timestamp, recorded_at, event)
       OVERRIDING SYSTEM VALUE
       SELECT 90000000, tenant_id, event_id, conversation_id, seq, event_type, timestamp + interval '2 months', recorded_at, event
       FROM events WHERE event_id = 'short-2'
       UNION ALL
       SELECT 90000001, tenant_id, 'unknown', conversation_id, 77, event_type, timestamp, recorded_at, event
       FROM events WHERE event_id = 'short-2'`,
    )
    await client.query(
      `WITH moved AS (DELETE FROM events WHERE event_id = 'short-3' RETURNING *)
       INSERT INTO events (id, tenant_id, event_id, conversation_id, seq, event_type, timestamp, recorded_at, event)
       OVERRIDING SYSTEM VALUE
       SELECT 90000002, tenant_id, event_id, conversation_id, seq, event_type, timestamp, recorded_at, event FROM moved`,
    )
    const { code, out } = await verify(['--tenant', 'default'])
    expect(out.split('\n').slice(0, -1)).toEqual([
      'altered: "long" seq 7 has another text in Postgres: "long-7"',
      'missing: "long" seq 1500 is confirmed to the log, and not in Postgres',
      'repeated: "sh/ort \\"%" seq 2 stands in Postgres as "short-2" and as "short-2"',
      'out of order: "sh/ort \\"%" seq 4 stands in the feed before an earlier event: "short-4"',
      'unknown: "sh/ort \\"%" seq 77 is in Postgres and not in the log: "unknown"',
      'repeated: event "short-2" stands more than once in the feed',
      `2 conversations, ${EVENTS + 4} events, 0 of them on their way: 6 differences`,
    ])
    expect(code).toBe(1)
  })

  it('says what is missing', async () => {
    expect(await verify([])).toMatchObject({ code: 2, err: expect.stringContaining('--tenant is missing') })
  })
})
