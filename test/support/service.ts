import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { createTestHarness, type TestHarness } from 'wrangler'
import { migrate } from '../../src/local/migrate.ts'
import { createLogins } from '../../src/local/postgres-logins.ts'
import { startTestDatabase, type TestDatabase } from './postgres.ts'

const root = join(import.meta.dirname, '../..')

export interface TestService {
  /** Without a slash at its end. */
  readonly url: string
  readonly harness: TestHarness
  /** Null where the history is in memory. */
  readonly database: TestDatabase | null
  stop(): Promise<void>
}

export interface TestServiceOptions {
  /** `postgres` starts a server of the service's own; a given database is used and stopped with the service. */
  readonly history: 'postgres' | 'in-memory' | TestDatabase
  readonly vars?: Record<string, string>
  /** Beside, or instead of, those with which the service reaches its database. */
  readonly secrets?: Record<string, string>
  /** Another text for wrangler.toml. */
  readonly configure?: (text: string) => string
}

/** The built Worker in the real workerd, with its queue, its objects and, if wanted, a PostgreSQL of its own, where it has its own roles. */
export async function startTestService({
  history,
  vars = {},
  secrets = {},
  configure,
}: TestServiceOptions): Promise<TestService> {
  const database = history === 'in-memory' ? null : history === 'postgres' ? await startTestDatabase() : history
  if (database) await migrate({ databaseUrl: database.databaseUrl, log: () => {} })
  const logins = database && (await createLogins(database.databaseUrl))
  const config = configure && writeConfig(configure)
  const harness = createTestHarness({
    root,
    workers: [
      {
        configPath: config ? join(config, 'wrangler.toml') : 'wrangler.toml',
        prebuiltWorkerDir: inject('builtWorker'),
        vars: { ...vars, ...(database ? { NEON_FETCH_ENDPOINT: database.fetchEndpoint } : {}) },
        secrets: {
          ...(logins ? { DATABASE_URL: logins.worker, MAINTENANCE_DATABASE_URL: logins.maintenance } : {}),
          ...secrets,
        },
      },
    ],
  })
  const { url } = await harness.listen()
  return {
    url: url.origin,
    harness,
    database,
    async stop() {
      await harness.close()
      await database?.stop()
      if (config) rmSync(config, { recursive: true, force: true })
    },
  }
}

/** Gives the folder of another wrangler.toml, in which what it names beside itself is named in full. */
function writeConfig(configure: (text: string) => string): string {
  const text = readFileSync(join(root, 'wrangler.toml'), 'utf8')
    .replace(/^(main|directory) = "(.+)"$/gm, (_, name: string, path: string) => `${name} = ${JSON.stringify(join(root, path))}`)
    .replace(/^\[build\]\n.+\n/m, '')
  const folder = mkdtempSync(join(tmpdir(), 'event-store-config-'))
  writeFileSync(join(folder, 'wrangler.toml'), configure(text))
  return folder
}
