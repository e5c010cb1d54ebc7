import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Miniflare } from 'miniflare'
import { inject } from 'vitest'
import { serveBuiltWorker } from '../../src/local/built-worker.ts'
import { createLogins } from '../../src/local/postgres-logins.ts'
import { startTestDatabase, type TestDatabase } from './postgres.ts'

const root = join(import.meta.dirname, '../..')

export interface TestService {
  /** Without a slash at its end. */
  readonly url: string
  readonly runtime: Miniflare
  /** The lines that the Worker has logged. */
  readonly logged: readonly string[]
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
  const config = configure && writeConfig(configure)
  const cleanUp = async () => {
    await database?.stop()
    if (config) rmSync(config, { recursive: true, force: true })
  }
  return serve({ database, vars, secrets, config }).then(
    (service) => ({ ...service, stop: () => service.runtime.dispose().then(cleanUp) }),
    async (failure) => {
      await cleanUp()
      throw failure
    },
  )
}

interface Serving extends Required<Pick<TestServiceOptions, 'vars' | 'secrets'>> {
  readonly database: TestDatabase | null
  readonly config: string | undefined
}

async function serve({ database, vars, secrets, config }: Serving): Promise<Omit<TestService, 'stop'>> {
  const logins = database && (await createLogins(database.databaseUrl))
  const logged: string[] = []
  const { url, runtime } = await serveBuiltWorker({
    configPath: join(config ?? root, 'wrangler.toml'),
    scriptPath: join(inject('builtWorker'), 'worker.js'),
    vars: {
      ...vars,
      ...(database ? { NEON_FETCH_ENDPOINT: database.fetchEndpoint } : {}),
      ...(logins ? { DATABASE_URL: logins.worker, MAINTENANCE_DATABASE_URL: logins.maintenance } : {}),
      ...secrets,
    },
    onLog: (line) => logged.push(line),
  })
  return { url, runtime, logged, database }
}

/** Gives the folder of another wrangler.toml, in which what it names beside itself is named in full. */
export function writeConfig(configure: (text: string) => string): string {
  const text = readFileSync(join(root, 'wrangler.toml'), 'utf8')
    .replace(/^(main|directory) = "(.+)"$/gm, (_, name: string, path: string) => `${name} = ${JSON.stringify(join(root, path))}`)
    .replace(/^\[build\]\n.+\n/m, '')
  const folder = mkdtempSync(join(tmpdir(), 'event-store-config-'))
  writeFileSync(join(folder, 'wrangler.toml'), configure(text))
  return folder
}
