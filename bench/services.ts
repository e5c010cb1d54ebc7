import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startGateway } from '../src/local/gateway.ts'
import { migrate } from '../src/local/migrate.ts'
import { startPostgres } from '../src/local/postgres.ts'
import type { ServeRequest } from './serve.ts'

export interface Services {
  /** Addresses, without a slash at the end. */
  readonly store: string
  /** The store without a log line for each request that went well. */
  readonly quiet: string
  /** The store that counts its operations. */
  readonly counting: string
  readonly control: string
  /** The owner's connection string. */
  readonly databaseUrl: string
  stop(): Promise<void>
}

const ROOT = join(import.meta.dirname, '..')

/**
 * Everything that a run measures: PostgreSQL as `npm start` runs it, the gateway, and the Workers, built, each in a
 * workerd of its own. An idle one costs nothing.
 */
export async function startServices(): Promise<Services> {
  const running: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const one of running.reverse()) await one()
  }
  try {
    const folder = mkdtempSync(join(tmpdir(), 'event-store-bench-'))
    running.push(async () => rmSync(folder, { recursive: true, force: true }))
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), persistent: false, durable: true })
    running.push(() => postgres.stop())
    await migrate({ databaseUrl: postgres.url, log: () => undefined })
    const gateway = await startGateway({ databaseUrl: postgres.url })
    running.push(() => gateway.close())
    const vars = { DATABASE_URL: postgres.url, NEON_FETCH_ENDPOINT: gateway.url }
    const serve = async (configPath: string, vars: Record<string, string>) => {
      const scriptPath = await buildWorker(configPath)
      const storageDir = mkdtempSync(join(folder, 'objects-'))
      const { url, end } = await startWorker({ configPath, scriptPath, storageDir, vars })
      running.push(end)
      return url
    }
    return {
      store: await serve('wrangler.toml', vars),
      quiet: await serve('wrangler.toml', { ...vars, LOG_LEVEL: 'warn' }),
      counting: await serve('bench/workers/counting/wrangler.toml', vars),
      control: await serve('bench/workers/control/wrangler.toml', {}),
      databaseUrl: postgres.url,
      stop,
    }
  } catch (failure) {
    await stop()
    throw failure
  }
}

async function startWorker(request: ServeRequest): Promise<{ url: string; end: () => Promise<void> }> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'serve.ts'), {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.send(request)
  const ended = once(child, 'exit')
  const url = await Promise.race([once(child, 'message').then(([message]) => String(message)), ended.then(() => null)])
  if (url === null) throw new Error(`the Worker of ${request.configPath} did not start`)
  return {
    url,
    async end() {
      if (child.connected) child.send('end')
      await ended
    },
  }
}

/** Bundles a Worker as a deployment does, and gives the path of the script. */
async function buildWorker(configPath: string): Promise<string> {
  const folder = join(ROOT, '.wrangler', 'bench', configPath.replaceAll('/', '-'))
  const wrangler = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  await promisify(execFile)(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', folder, '--config', configPath], {
    cwd: ROOT,
  })
  return join(folder, 'worker.js')
}
