import { join } from 'node:path'
import { createTestHarness, type TestHarness } from 'wrangler'
import { migrate } from '../../src/local/migrate.ts'
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
}

/** The built Worker in the real workerd, with its queue, its objects and, if wanted, a PostgreSQL of its own. */
export async function startTestService({ history, vars = {} }: TestServiceOptions): Promise<TestService> {
  const database = history === 'in-memory' ? null : history === 'postgres' ? await startTestDatabase() : history
  if (database) await migrate({ databaseUrl: database.databaseUrl, log: () => {} })
  const harness = createTestHarness({
    root,
    workers: [
      {
        configPath: 'wrangler.toml',
        vars: { ...vars, ...(database ? { NEON_FETCH_ENDPOINT: database.fetchEndpoint } : {}) },
        secrets: database ? { DATABASE_URL: database.databaseUrl } : {},
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
    },
  }
}
