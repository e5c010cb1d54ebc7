import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type BuiltWorker, serveBuiltWorker } from '../../src/local/built-worker.ts'
import { createLogins } from '../../src/local/postgres-logins.ts'
import { ageObjects, agePostgres } from '../support/ageing.ts'
import { Api } from '../support/api.ts'
import { workflowStartOfVersion2 } from '../support/application-events.ts'
import { eventText } from '../support/events.ts'
import { startTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { writeConfig } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

const DAY_MS = 86_400_000
const OLD_MS = 40 * DAY_MS
const WORKFLOW = 'workflow:run-1'
const LOGS = ['gone', 'mixed', 'busy', WORKFLOW]
const WRITES = 40

/** The archive's binding in wrangler.toml. */
const COMMENTED_OUT = /^# (\[\[r2_buckets\]\]|binding = "ARCHIVE"|bucket_name = .*)$/gm

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
  eventText({ conversation: 'busy', id: 'busy-old', request: 'busy' }),
]
const YOUNG = ['young-1', 'young-2'].map((id) => eventText({ conversation: 'mixed', id, request: 'both' }))

describe.each([
  ['in Postgres', 'with an archive'],
  ['in Postgres', 'without one'],
  ['in memory', 'with an archive'],
] as const)('a term of 30 days, with the history %s, %s', (history, archive) => {
  const hasArchive = archive === 'with an archive'
  let folder: string
  let config: string
  let database: TestDatabase | null = null
  let logged: string[] = []
  let service: BuiltWorker
  let api: Api

  async function start(vars: Record<string, string> = {}): Promise<void> {
    const logins = database && (await createLogins(database.databaseUrl))
    service = await serveBuiltWorker({
      configPath: join(config, 'wrangler.toml'),
      scriptPath: join(inject('builtWorker'), 'worker.js'),
      storageDir: folder,
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
  const writeTo = async (conversation: string) => {
    for (let n = 0; n < WRITES; n++)
      expect((await api.post(eventText({ conversation, id: `busy-${n}`, request: 'busy' }))).status).toBe(201)
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
    config = writeConfig((text) => (hasArchive ? text.replace(COMMENTED_OUT, '$1') : text))
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
    for (const path of [folder, config]) rmSync(path, { recursive: true, force: true })
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
    const writing = writeTo('busy')
    expect(await pass()).toMatchObject({ outcome: 'ok' })
    await waitFor('the pass is over', 30, async () => linesWith('cleared what is past its term').length > 0)
    await waitFor('the objects have forgotten', 30, async () => (await api.get('/v1/conversations/gone')).status === 404)
    expect(linesWith('found conversations with events past their term')).toMatchObject([
      { level: 'info', conversations: 4, more: false, ...(hasArchive ? { events: 5, objects: 4, failed: 0 } : {}) },
    ])
    expect(linesWith('cleared what is past its term')).toMatchObject([{ level: 'info', conversations: 4, events: 5 }])
    expect((await api.get(`/v1/conversations/${encodeURIComponent(WORKFLOW)}`)).status).toBe(404)
    await waitFor('its object has forgotten in part', 30, async () => (await idsOf('mixed')).length === 2)
    expect(await idsOf('mixed')).toEqual([
      [3, 'young-1'],
      [4, 'young-2'],
    ])
    expect(await api.json('/v1/conversations/mixed')).toMatchObject({ head_seq: 4, event_count: 2 })
    await writing
    await waitFor('what was written meanwhile is delivered', 30, () => api.persisted('busy'))
    const written = Array.from({ length: WRITES }, (_, n) => `busy-${n}`)
    await waitFor('its object has forgotten in part', 30, async () => (await idsOf('busy')).length === WRITES)
    expect((await idsOf('busy')).map(([, id]) => id)).toEqual(written)
    expect((await feedIds()).toSorted()).toEqual([...written, 'young-1', 'young-2'].toSorted())
    expect((await api.get('/v1/events/old-1')).status).toBe(404)
    expect((await api.all('/v1/assistant-requests/both/events')).length).toBe(2)
    const { items } = await api.json<{ items: { conversation_id: string; event_count: number }[] }>('/v1/conversations')
    expect(items.toSorted((a, b) => a.event_count - b.event_count)).toMatchObject([
      { conversation_id: 'mixed', event_count: 2 },
      { conversation_id: 'busy', event_count: WRITES },
    ])
    expect(JSON.stringify(logged)).not.toContain('"level":"error"')
  })

  it.runIf(hasArchive)('has archived it as it was, and nothing else', async () => {
    const objects = await archived()
    expect(objects.map(({ key }) => key.replace(/\d{8}T\d{9}Z/, 'T'))).toEqual([
      'default/busy/T-0000000000000001-0000000000000001.ndjson',
      'default/gone/T-0000000000000001-0000000000000001.ndjson',
      'default/mixed/T-0000000000000001-0000000000000002.ndjson',
      'default/workflow=3Arun-1/T-0000000000000001-0000000000000001.ndjson',
    ])
    const lines = objects[2]?.text.trimEnd().split('\n') ?? []
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

  it.runIf(history === 'in Postgres')('drops the partition that it has emptied with the next pass', () => {
    expect(linesWith('dropped what clearings left empty')).toMatchObject([{ level: 'info', partitions: 1 }])
  })

  it('lets a conversation that is gone begin again, with the same ids', async () => {
    expect((await api.post(OLD[0] as string)).status).toBe(201)
    expect(await idsOf('gone')).toEqual([[1, 'gone-1']])
    await waitFor('it is delivered', 30, () => api.persisted('gone'))
    expect((await api.get('/v1/events/gone-1')).status).toBe(200)
  })

  it.runIf(hasArchive)('can have what is archived recorded again, as it was, and once', async () => {
    const files = join(folder, 'fetched')
    for (const { key, text } of await archived()) {
      mkdirSync(dirname(join(files, key)), { recursive: true })
      writeFileSync(join(files, key), text)
    }
    const first = await restore(files)
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(first.out).toContain('4 files, 5 events: 3 recorded, 1 published, 1 there already, 0 conflicts\n')
    const { items } = await api.page('/v1/conversations/mixed/events')
    expect(items.map(({ seq }) => seq)).toEqual([3, 4, 5, 6])
    expect(items.slice(2).map(({ text }) => text)).toEqual([OLD[1], VERBATIM])
    expect(await idsOf(WORKFLOW)).toHaveLength(1)
    expect((await restore(files)).out).toContain('5 events: 0 recorded, 1 published, 4 there already, 0 conflicts\n')
    expect((await api.page('/v1/conversations/mixed/events')).items).toEqual(items)
  })

  function restore(...parameters: string[]): Promise<{ code: number; out: string; err: string }> {
    const env = { ...process.env, EVENT_STORE_API_KEY: '' }
    return new Promise((resolve) => {
      execFile(process.execPath, ['src/local/restore.ts', '--url', service.url, ...parameters], { env }, (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
      )
    })
  }
})
