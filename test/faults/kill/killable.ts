import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { type Gateway, startGateway } from '../../../src/local/gateway.ts'
import { migrate } from '../../../src/local/migrate.ts'
import { type Postgres, startPostgres } from '../../../src/local/postgres.ts'
import { createLogins } from '../../../src/local/postgres-logins.ts'
import { readPostmasterFile } from '../../../src/local/postgres-recovery.ts'
import type { ServeRequest } from './serve-worker.ts'

const root = join(import.meta.dirname, '../../..')

/** The built Worker and a PostgreSQL on one disk, either of which may be killed and started again. */
export class Killable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'event-store-kill-'))
  #scriptPath = ''
  #gateway: Gateway | null = null
  #postgres: Postgres | null = null
  #runtime: ChildProcess | null = null
  #vars: Record<string, string> = {}
  /** Of the Worker; null while it is dead. */
  url: string | null = null

  get databaseUrl(): string {
    return this.#postgres?.url ?? ''
  }

  async start(): Promise<void> {
    await this.startPostgres()
    await migrate({ databaseUrl: this.databaseUrl, log: () => undefined })
    const logins = await createLogins(this.databaseUrl)
    this.#gateway = await startGateway({ databaseUrl: this.databaseUrl })
    this.#vars = {
      DATABASE_URL: logins.worker,
      MAINTENANCE_DATABASE_URL: logins.maintenance,
      NEON_FETCH_ENDPOINT: this.#gateway.url,
    }
    this.#scriptPath = join(inject('builtWorker'), 'worker.js')
    await this.startRuntime()
  }

  async startRuntime(): Promise<void> {
    const storageDir = join(this.#folder, 'objects')
    mkdirSync(storageDir, { recursive: true })
    // Detached: a group of its own, so that a kill reaches the runtime and everything that it started.
    const child = fork(join(import.meta.dirname, 'serve-worker.ts'), { cwd: root, detached: true, stdio: 'ignore' })
    this.#runtime = child
    const request: ServeRequest = { configPath: 'wrangler.toml', scriptPath: this.#scriptPath, storageDir, vars: this.#vars }
    child.send(request)
    const [url] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [null])])
    if (typeof url !== 'string') throw new Error('the runtime did not start')
    this.url = url
  }

  /** As `kill -9` of the whole runtime. */
  async killRuntime(): Promise<void> {
    const child = this.#runtime
    this.url = null
    if (!child?.pid) return
    const ended = once(child, 'exit')
    process.kill(-child.pid, 'SIGKILL')
    await ended
  }

  async startPostgres(): Promise<void> {
    const port = this.#postgres?.port
    this.#postgres = await startPostgres({ dataDir: join(this.#folder, 'postgres'), ...(port === undefined ? {} : { port }) })
  }

  /** As `kill -9` of the server, which takes its sessions along. */
  async killPostgres(): Promise<void> {
    const server = readPostmasterFile(join(this.#folder, 'postgres', 'cluster'))
    if (server) process.kill(server.pid, 'SIGKILL')
    await this.#postgres?.stop()
  }

  async stop(): Promise<void> {
    await this.killRuntime()
    await this.#gateway?.close()
    await this.#postgres?.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
