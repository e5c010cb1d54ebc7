import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { type BuiltWorker, serveBuiltWorker } from '../../src/local/built-worker.ts'
import { createLogins } from '../../src/local/postgres-logins.ts'
import { ageObjects, agePostgres } from '../support/ageing.ts'
import { Api } from '../support/api.ts'
import { eventText } from '../support/events.ts'
import { type RestartableDatabase, startRestartableDatabase } from '../support/postgres.ts'
import { waitFor } from '../support/wait-for.ts'

let folder: string
let database: RestartableDatabase
let service: BuiltWorker
let api: Api
const logged: string[] = []

async function start(): Promise<void> {
  const logins = await createLogins(database.databaseUrl)
  const { fetchEndpoint } = database
  service = await serveBuiltWorker({
    configPath: join(import.meta.dirname, '../../wrangler.toml'),
    scriptPath: join(inject('builtWorker'), 'worker.js'),
    storageDir: folder,
    vars: {
      RETENTION_DAYS: '30',
      NEON_FETCH_ENDPOINT: fetchEndpoint,
      DATABASE_URL: logins.worker,
      MAINTENANCE_DATABASE_URL: logins.maintenance,
    },
    onLog: (line) => logged.push(line),
  })
  api = new Api(service.url)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-retention-'))
  database = await startRestartableDatabase()
  await start()
  expect((await api.post(eventText({ conversation: 'old', id: 'old-1' }))).status).toBe(201)
  await waitFor('it is delivered', 30, () => api.persisted('old'))
  await service.runtime.dispose()
  ageObjects(folder, 40 * 86_400_000)
  await agePostgres(database.databaseUrl, 40 * 86_400_000)
  await start()
}, 120_000)

afterAll(async () => {
  await service?.runtime.dispose()
  await database?.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('what is past its term goes from both places when Postgres, away since the pass, is back', async () => {
  await (await service.runtime.getWorker()).scheduled({ cron: '17 3 * * *' })
  await database.takeAway()
  const failed = 'what is past its term could not be cleared; it is retried'
  await waitFor('the clearing fails', 40, async () => logged.some((line) => line.includes(failed)))
  expect((await api.page('/v1/conversations/old/events')).items).toHaveLength(1)
  // A pass that finds nobody at home is over, and no failure.
  expect(await (await service.runtime.getWorker()).scheduled({ cron: '17 3 * * *' })).toBeDefined()
  expect(logged.join('\n')).toContain('what is past its term could not be looked for; the next pass does it')
  await database.bringBack()
  await waitFor('it is cleared', 60, async () => (await api.get('/v1/conversations/old')).status === 404)
  expect((await api.get('/v1/events/old-1')).status).toBe(404)
}, 180_000)
