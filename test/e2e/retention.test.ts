import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type BuiltWorker, serveBuiltWorker } from '../../src/local/built-worker.ts'
import { createLogins } from '../../src/local/postgres-logins.ts'
import { ageObjects, agePostgres } from '../support/ageing.ts'
import { Api } from '../support/api.ts'
import { workflowStartOfVersion2 } from '../support/application-events.ts'
import { eventText } from '../support/events.ts'
import { startTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { waitFor } from '../support/wait-for.ts'

const DAY_MS = 86_400_000
const OLD_MS = 40 * DAY_MS
const WORKFLOW = 'workflow:run-1'
const LOGS = ['gone', 'mixed', WORKFLOW]

/** Spaces, digits and escapes that a careless copy would change. */
const VERBATIM = eventText({
  conversation: 'mixed',
  id: 'old-verbatim',
  request: 'old',
  data: '{"a" :  1756377611078069123, "b": "\\u0000"}',
})
const OLD = [
  eventText({ conversation: 'gone', id: 'gone-1', request: 'gone', timestamp: '2024-05-05T10:00:00Z' }),
  eventText({ conversation: 'mixed', id: 'old-1', request: 'both' }),
  VERBATIM,
]
const YOUNG = ['young-1', 'young-2'].map((id) => eventText({ conversation: 'mixed', id, request: 'both' }))

describe.each([
  ['in Postgres', 'with an archive'],
  ['in Postgres', 'without one'],
  ['in memory', 'with an archive'],
] as const)('a term of 30 days, with the history %s, %s', (history, archive) => {
  const hasArchive = archive === 'with an archive'
  let folder: string
  let database: TestDatabase | null = null
  let logged: string[] = []
  let service: BuiltWorker
  let api: Api

  async function start(vars: Record<string, string> = {}): Promise<void> {
    const logins = database && (await createLogins(database.databaseUrl))
    service = await serveBuiltWorker({
      configPath: join(import.meta.dirname, '../../wrangler.toml'),
      scriptPath: join(inject('builtWorker'), 'worker.js'),
      storageDir: folder,
      adjust: (options) => ({ ...options, ...(hasArchive ? { r2Buckets: { ARCHIVE: 'archive' } } : {}) }),
      vars: {
        ...vars,
        ...(database ? { NEON_FETCH_ENDPOINT: database.fetchEndpoint } : {}),
        ...(logins ? { DATABASE_URL: logins.worker, MAINTENANCE_DATABASE_URL: logins.maintenance } : {}),
      },
      onLog: (line) => logged.push(line),
    })
    api = new Api(service.url)
  }

  const pass = async () => (await service.runtime.getWorker()).scheduled({ cron: '17 3 * * *' })
  const linesWith = (message: string) =>
    logged.filter((line) => line.includes(message)).map((line) => JSON.parse(line) as Record<string, unknown>)
  const idsOf = async (id: string) => {
    const items = await api.all(`/v1/conversations/${encodeURIComponent(id)}/events`)
    return items.map(({ seq, text }) => [seq, (JSON.parse(text) as { event_id: string }).event_id])
  }
  const feedIds = async () => (await api.all('/v1/events')).map(({ text }) => (JSON.parse(text) as { event_id: string }).event_id)
  const archived = async () => {
    const bucket = await service.runtime.getR2Bucket('ARCHIVE')
    const { objects } = await bucket.list({ include: ['customMetadata'] })
    return Promise.all(
      objects.map(async ({ key, customMetadata }) => {
        const text = (await (await bucket.get(key))?.text()) ?? ''
        return { key, text, metadata: customMetadata }
      }),
    )
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'event-store-retention-'))
    if (history === 'in Postgres') database = await startTestDatabase()
    await start()
    expect((await api.post(`[${OLD.join()}]`)).status).toBe(201)
    const publish = { method: 'POST', headers: { 'Content-Type': 'application/json' } }
    const started = await fetch(`${service.url}/v1/publish`, { ...publish, body: workflowStartOfVersion2({ run: 'run-1' }) })
    expect(started.status).toBe(202)
    for (const id of LOGS) await waitFor(`${id} is delivered`, 30, () => api.persisted(id))
    await service.runtime.dispose()
    ageObjects(folder, OLD_MS)
    if (database) await agePostgres(database.databaseUrl, OLD_MS)
    await start({ RETENTION_DAYS: '30' })
    expect((await api.post(`[${YOUNG.join()}]`)).status).toBe(201)
  }, 120_000)

  afterAll(async () => {
    await service?.runtime.dispose()
    await database?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('has everything until its pass', async () => {
    expect(await idsOf('mixed')).toEqual([
      [1, 'old-1'],
      [2, 'old-verbatim'],
      [3, 'young-1'],
      [4, 'young-2'],
    ])
    expect(await idsOf(WORKFLOW)).toHaveLength(1)
  })

  it('clears what is past it, from the history and the objects alike, and nothing younger', async () => {
    expect(await pass()).toMatchObject({ outcome: 'ok' })
    await waitFor('the pass is over', 30, async () => linesWith('cleared what is past its term').length > 0)
    await waitFor('the objects have forgotten', 30, async () => (await api.get('/v1/conversations/gone')).status === 404)
    expect(linesWith('found conversations with events past their term')).toMatchObject([
      { level: 'info', conversations: 3, more: false, ...(hasArchive ? { events: 4, objects: 3, failed: 0 } : {}) },
    ])
    expect(linesWith('cleared what is past its term')).toMatchObject([{ level: 'info', conversations: 3, events: 4 }])
    expect((await api.get(`/v1/conversations/${encodeURIComponent(WORKFLOW)}`)).status).toBe(404)
    await waitFor('its object has forgotten in part', 30, async () => (await idsOf('mixed')).length === 2)
    expect(await idsOf('mixed')).toEqual([
      [3, 'young-1'],
      [4, 'young-2'],
    ])
    expect(await api.json('/v1/conversations/mixed')).toMatchObject({ head_seq: 4, event_count: 2 })
    expect((await feedIds()).toSorted()).toEqual(['young-1', 'young-2'])
    expect((await api.get('/v1/events/old-1')).status).toBe(404)
    expect((await api.all('/v1/assistant-requests/both/events')).length).toBe(2)
    const { items } = await api.json<{ items: { conversation_id: string; event_count: number }[] }>('/v1/conversations')
    expect(items).toMatchObject([{ conversation_id: 'mixed', event_count: 2 }])
    expect(JSON.stringify(logged)).not.toContain('"level":"error"')
  })

  it.runIf(hasArchive)('has archived it as it was, and nothing else', async () => {
    const objects = await archived()
    expect(objects.map(({ key }) => key.replace(/\d{8}T\d{9}Z/, 'T'))).toEqual([
      'default/gone/T-0000000000000001-0000000000000001.ndjson',
      'default/mixed/T-0000000000000001-0000000000000002.ndjson',
      'default/workflow%3Arun-1/T-0000000000000001-0000000000000001.ndjson',
    ])
    const lines = objects[1]?.text.trimEnd().split('\n') ?? []
    expect(lines[1]).toContain(`"event":${VERBATIM}}`)
    for (const { text, metadata } of objects)
      expect(metadata).toMatchObject({ sha256: createHash('sha256').update(text).digest('hex') })
  })

  it('finds nothing more with the next pass', async () => {
    const before = hasArchive ? await archived() : []
    logged = []
    await pass()
    expect(linesWith('past its term')).toEqual([])
    expect(linesWith('past their term')).toEqual([])
    expect(hasArchive ? await archived() : []).toEqual(before)
  })

  it('lets a conversation that is gone begin again, with the same ids', async () => {
    expect((await api.post(OLD[0] as string)).status).toBe(201)
    expect(await idsOf('gone')).toEqual([[1, 'gone-1']])
    await waitFor('it is delivered', 30, () => api.persisted('gone'))
    expect((await api.get('/v1/events/gone-1')).status).toBe(200)
  })
})
