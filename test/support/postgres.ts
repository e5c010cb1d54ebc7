import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { type Gateway, startGateway } from '../../src/local/gateway.ts'
import { type Postgres, startPostgres } from '../../src/local/postgres.ts'
import { copyCluster } from './copy-cluster.ts'

export interface TestDatabase {
  /** The owner's connection string, on the server's own port. */
  databaseUrl: string
  /** For `neonConfig.fetchEndpoint`. */
  fetchEndpoint: string
  postgres: Postgres
  gateway: Gateway
  stop(): Promise<void>
}

/** A PostgreSQL server of its own with a migrated database `events`, and the gateway in front of it; gone without trace after `stop`. */
export function startTestDatabase(): Promise<TestDatabase> {
  return startOn(newDataDir('migrated'))
}

/** The same, in which nothing was ever migrated. */
export function startEmptyDatabase(): Promise<TestDatabase> {
  return startOn(newDataDir('empty'))
}

async function startOn(dataDir: string): Promise<TestDatabase> {
  const postgres = await startPostgres({ dataDir, persistent: false, durable: false })
  const gateway = await startGateway({ databaseUrl: postgres.url }).catch(async (failure) => {
    await postgres.stop()
    throw failure
  })
  return {
    databaseUrl: postgres.url,
    fetchEndpoint: gateway.url,
    postgres,
    gateway,
    async stop() {
      await gateway.close()
      await postgres.stop()
    },
  }
}

export interface RestartableDatabase extends TestDatabase {
  /** Takes the server away; the gateway stays and answers that it cannot reach it. */
  takeAway(): Promise<void>
  /** The same data at the same port again. */
  bringBack(): Promise<void>
}

/** A migrated database of which the server can go and come back while the gateway stands. */
export async function startRestartableDatabase(): Promise<RestartableDatabase> {
  const dataDir = newDataDir('migrated')
  let postgres = await startPostgres({ dataDir, durable: false })
  const { port, url } = postgres
  const gateway = await startGateway({ databaseUrl: url })
  return {
    databaseUrl: url,
    fetchEndpoint: gateway.url,
    postgres,
    gateway,
    takeAway: () => postgres.stop(),
    async bringBack() {
      postgres = await startPostgres({ dataDir, port, durable: false })
    },
    async stop() {
      await gateway.close()
      await postgres.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function newDataDir(cluster: 'empty' | 'migrated'): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'event-store-test-'))
  copyCluster(inject('clusters')[cluster], dataDir)
  return dataDir
}
