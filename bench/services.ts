import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { migrate } from '../src/local/migrate.ts'
import { type Postgres, startPostgres } from '../src/local/postgres.ts'
import type { Network, NetworkRequest } from './network/serve-network.ts'
import type { ServeRequest } from './serve.ts'
import { type Server, startServer } from './server.ts'

/** Workers that a measure can ask for. */
export type WorkerName = 'store' | 'quiet' | 'counting' | 'control'

export interface Worker {
  /** Without a slash at the end. */
  readonly url: string
  readonly pid: number
}

export interface Services {
  /** Addresses, without a slash at the end. Only those that were asked for are there. */
  readonly store: string
  /** The store without a log line for each request that went well. */
  readonly quiet: string
  /** The store that counts its operations. */
  readonly counting: string
  readonly control: string
  /** The owner's connection string, to the database of the four. */
  readonly databaseUrl: string
  readonly workers: ReadonlyMap<WorkerName, Worker>
  /** Of the gateway between them and PostgreSQL. */
  readonly gatewayPid: number
  /** Where everything is that a run leaves behind until it ends. */
  readonly folder: string
  stop(): Promise<void>
}

const ROOT = join(import.meta.dirname, '..')

/** Reads are to come from the store, not from a cache before it, which the peers could have as well. */
const VARS = { PAGE_CACHE_SECONDS: '0' }

const CONFIGURATIONS: Readonly<Record<WorkerName, { readonly configPath: string; readonly vars?: Record<string, string> }>> = {
  store: { configPath: 'wrangler.toml', vars: VARS },
  quiet: { configPath: 'wrangler.toml', vars: { ...VARS, LOG_LEVEL: 'warn' } },
  counting: { configPath: 'bench/workers/counting/wrangler.toml', vars: VARS },
  control: { configPath: 'bench/workers/control/wrangler.toml' },
}

/**
 * What measures share: PostgreSQL as `npm start` runs it, the gateway, and the Workers, built, each in a workerd of its own. An idle
 * one costs nothing.
 */
export async function startServices(names: ReadonlySet<WorkerName>): Promise<Services> {
  const running: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const one of running.reverse()) await one()
  }
  try {
    // Beside what follows; awaited where it is needed.
    for (const name of names) buildWorker(CONFIGURATIONS[name].configPath).catch(() => undefined)
    const folder = mkdtempSync(join(tmpdir(), 'event-store-bench-'))
    running.push(async () => rmSync(folder, { recursive: true, force: true }))
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), persistent: false, durable: true })
    running.push(() => postgres.stop())
    await migrate({ databaseUrl: postgres.url, log: () => undefined })
    const network = await startNetwork({ databaseUrl: postgres.url, roundTripMs: 0 })
    running.push(network.end)
    const workers = new Map<WorkerName, Worker>()
    for (const name of names) {
      const database = name === 'control' ? {} : storeVars(postgres, network.answer)
      const worker = await startWorker(name, folder, database)
      running.push(worker.end)
      workers.set(name, { url: worker.answer, pid: worker.pid })
    }
    const urlOf = (name: WorkerName) => {
      const worker = workers.get(name)
      if (!worker) throw new Error(`the Worker "${name}" was not asked for`)
      return worker.url
    }
    return {
      get store() {
        return urlOf('store')
      },
      get quiet() {
        return urlOf('quiet')
      },
      get counting() {
        return urlOf('counting')
      },
      get control() {
        return urlOf('control')
      },
      databaseUrl: postgres.url,
      workers,
      gatewayPid: network.pid,
      folder,
      stop,
    }
  } catch (failure) {
    await stop()
    throw failure
  }
}

export function startNetwork(request: NetworkRequest): Promise<Server<Network>> {
  return startServer<Network>('network/serve-network.ts', request)
}

/** With what a store's Worker reaches its database. */
export function storeVars({ url }: Pick<Postgres, 'url'>, { gatewayUrl }: Network): Record<string, string> {
  return { DATABASE_URL: url, NEON_FETCH_ENDPOINT: gatewayUrl }
}

/** Its objects keep their storage in a new folder within `folder`. */
export async function startWorker(name: WorkerName, folder: string, vars: Record<string, string>): Promise<Server<string>> {
  const { configPath, vars: own } = CONFIGURATIONS[name]
  const scriptPath = await buildWorker(configPath)
  const storageDir = mkdtempSync(join(folder, 'objects-'))
  const request: ServeRequest = { configPath, scriptPath, storageDir, vars: { ...own, ...vars } }
  return startServer<string>('serve.ts', request)
}

const built = new Map<string, Promise<string>>()

/** Bundles a Worker as a deployment does, once, and gives the path of the script. */
function buildWorker(configPath: string): Promise<string> {
  const known = built.get(configPath)
  if (known) return known
  const folder = join(ROOT, '.wrangler', 'bench', configPath.replaceAll('/', '-'))
  const wrangler = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  const parameters = [wrangler, 'deploy', '--dry-run', '--outdir', folder, '--config', configPath]
  const build = promisify(execFile)(process.execPath, parameters, { cwd: ROOT }).then(() => join(folder, 'worker.js'))
  built.set(configPath, build)
  return build
}
