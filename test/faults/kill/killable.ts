import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Gateway, startGateway } from '../../../src/local/gateway.ts'
import { migrate } from '../../../src/local/migrate.ts'
import { type Postgres, startPostgres } from '../../../src/local/postgres.ts'
import { createLogins } from '../../../src/local/postgres-logins.ts'
import { readPostmasterFile } from '../../../src/local/postgres-recovery.ts'
import type { ServeRequest, Serving } from './serve-worker.ts'

const root = join(import.meta.dirname, '../../..')

export interface KillableOptions {
  /** The built Worker. */
  readonly scriptPath: string
  /** Variables of the Worker, beside those with which it reaches its database. */
  readonly vars?: Readonly<Record<string, string>>
  /** Puts something between the Worker and the gateway; gives where the Worker then reaches it. */
  readonly between?: (gatewayUrl: string) => Promise<string>
  /** Lets the Worker's memory be looked at. Default false. */
  readonly isInspected?: boolean
}

/** The built Worker and a PostgreSQL on one disk, either of which may be killed and started again. */
export class Killable {
  readonly #options: KillableOptions
  readonly #folder = mkdtempSync(join(tmpdir(), 'event-store-kill-'))
  #gateway: Gateway | null = null
  #postgres: Postgres | null = null
  #runtime: ChildProcess | null = null
  #vars: Record<string, string> = {}
  /** Of the Worker; null while it is dead. */
  url: string | null = null
  /** Of the Worker, where that was asked for. */
  inspectorUrl: string | null = null

  constructor(options: KillableOptions) {
    this.#options = options
  }

  get databaseUrl(): string {
    return this.#postgres?.url ?? ''
  }

  /** Of the process that started the runtime. */
  get runtimePid(): number | undefined {
    return this.url === null ? undefined : this.#runtime?.pid
  }

  /** Where the objects keep what they have. */
  get storageDir(): string {
    return join(this.#folder, 'objects')
  }

  async start(): Promise<void> {
    await this.startPostgres()
    await migrate({ databaseUrl: this.databaseUrl, log: () => undefined })
    const logins = await createLogins(this.databaseUrl)
    this.#gateway = await startGateway({ databaseUrl: this.databaseUrl })
    const { vars, between } = this.#options
    this.#vars = {
      ...vars,
      DATABASE_URL: logins.worker,
      MAINTENANCE_DATABASE_URL: logins.maintenance,
      NEON_FETCH_ENDPOINT: between ? await between(this.#gateway.url) : this.#gateway.url,
    }
    await this.startRuntime()
  }

  async startRuntime(): Promise<void> {
    const { storageDir } = this
    mkdirSync(storageDir, { recursive: true })
    // The runtime's own, which a killed one does not remove.
    const temporary = join(this.#folder, 'temporary')
    mkdirSync(temporary, { recursive: true })
    const env = { ...process.env, TMPDIR: temporary }
    // Detached: a group of its own, so that a kill reaches the runtime and everything that it started.
    const child = fork(join(import.meta.dirname, 'serve-worker.ts'), { cwd: root, env, detached: true, stdio: 'ignore' })
    this.#runtime = child
    const { scriptPath, isInspected = false } = this.#options
    const request: ServeRequest = { configPath: 'wrangler.toml', scriptPath, storageDir, vars: this.#vars, isInspected }
    child.send(request)
    const started = once(child, 'message').then(([message]) => message as Serving)
    const serving = await Promise.race([started, once(child, 'exit').then(() => null)])
    if (serving === null) throw new Error('the runtime did not start')
    this.inspectorUrl = serving.inspectorUrl
    this.url = serving.url
  }

  /** As `kill -9` of the whole runtime. */
  async killRuntime(): Promise<void> {
    const child = this.#runtime
    this.url = null
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return
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

  /** In order: its sessions are told, and everything is written. */
  async stopPostgres(): Promise<void> {
    await this.#postgres?.stop()
  }

  async stop(): Promise<void> {
    await this.killRuntime()
    await this.#gateway?.close()
    await this.#postgres?.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
