import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { claimFolder } from './claim-folder.ts'
import { findFreePort } from './free-port.ts'
import { PortTakenError } from './listen.ts'
import { commandAs, findPlace, type PostgresPlace } from './postgres-account.ts'
import { findPostgresBinaries } from './postgres-binaries.ts'
import { createCluster } from './postgres-cluster.ts'
import { readPostmasterFile, recoverCluster, stopServer, stopServerAfterDeath } from './postgres-recovery.ts'
import { identifyProcess } from './process-identity.ts'

export interface PostgresOptions {
  /** Holds the cluster, its password and its log. Made when missing. */
  dataDir: string
  /** Default: a free one. */
  port?: number
  /** False: the data directory is removed at `stop`, and when this process dies. Default true. */
  persistent?: boolean
  /** False gives up safety against a crash of the machine for speed, for tests. Default true. */
  durable?: boolean
  log?: (line: string) => void
}

export interface Postgres {
  /** With the owner's password: do not print it. */
  url: string
  port: number
  /** What the server says. */
  logFile: string
  /** Settles when the server ends by itself or by `stop`. */
  exited: Promise<void>
  stop(): Promise<void>
}

const DATABASE = 'events'
const OWNER = 'postgres'
const START_TIMEOUT_MS = 60_000
const POLL_MS = 10
const ATTEMPTS = 20
const RETRY_MS = 500

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'timezone=GMT',
  'log_timezone=GMT',
  'password_encryption=scram-sha-256',
]
const FAST_SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'shared_buffers=32MB']

/**
 * Starts a real PostgreSQL on 127.0.0.1 with a database `events`, on data that an earlier call may have left, whatever became
 * of its process: a server that still runs there without an owner is stopped first, in order. Fails with `PortTakenError` when
 * `port` is given and in use, and when another live process uses the data.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { persistent = true, durable = true, log = () => undefined } = options
  const place = findPlace(resolve(options.dataDir), findPostgresBinaries(), log)
  const releaseDataDir = claimFolder(place.dataDir)
  try {
    await recoverCluster(join(place.dataDir, 'cluster'), log)
    const cluster = await createCluster(place, OWNER, durable)
    for (let attempt = 1; ; attempt += 1) {
      const port = await findFreePort(options.port ?? 0, 'PostgreSQL')
      const launched = await launch(place, cluster.dir, port, durable)
      if (typeof launched !== 'string') {
        const url = `postgresql://${OWNER}:${cluster.password}@127.0.0.1:${port}/${DATABASE}`
        const server = serverOf(cluster.dir)
        const unwatch = stopServerAfterDeath(server, cluster.dir, persistent ? undefined : place.dataDir)
        await ensureDatabase(url)
        return {
          url,
          port,
          ...launched,
          async stop() {
            unwatch()
            await stopServer(server)
            releaseDataDir()
            if (!persistent) rmSync(place.dataDir, { recursive: true, force: true })
          },
        }
      }
      const portTaken = /could not bind|Address already in use/i.test(launched)
      if (portTaken && options.port !== undefined) throw new PortTakenError(options.port, 'PostgreSQL')
      // Backends of a killed server need a moment to notice, and hold the shared memory until then.
      const transient = portTaken || /shared memory block .* is still in use/i.test(launched)
      if (!transient || attempt === ATTEMPTS) throw new Error(`PostgreSQL did not start:\n${launched}`)
      await new Promise((done) => setTimeout(done, RETRY_MS))
    }
  } catch (error) {
    releaseDataDir()
    throw error
  }
}

/** A text where the server does not accept connections: what it logged before it gave up. */
async function launch(
  place: PostgresPlace,
  cluster: string,
  port: number,
  durable: boolean,
): Promise<Pick<Postgres, 'logFile' | 'exited'> | string> {
  const logFile = join(place.dataDir, 'postgres.log')
  const output = openSync(logFile, 'w', 0o600)
  const settings = [...SETTINGS, ...(durable ? [] : FAST_SETTINGS)].flatMap((setting) => ['-c', setting])
  // Detached, so that the terminal's Ctrl-C does not stop it before what still uses it; a file for its output, because a pipe
  // would end with this process.
  const command = commandAs(place.account, place.binaries.postgres, ['-D', cluster, '-p', String(port), ...settings])
  const child = spawn(command.file, command.parameters, {
    ...command.ids,
    cwd: place.dataDir,
    env: { ...process.env, LC_ALL: 'C' },
    detached: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  let ended = false
  const exited = new Promise<void>((done) => {
    child.on('error', () => done())
    child.on('exit', () => done())
  }).then(() => {
    ended = true
  })
  child.unref()
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!ended) {
    const found = readPostmasterFile(cluster)
    if (found?.pid === child.pid && found?.ready) return { logFile, exited }
    if (Date.now() > deadline) {
      child.kill('SIGINT')
      return `not ready after ${START_TIMEOUT_MS / 1000} seconds\n${readFileSync(logFile, 'utf8')}`
    }
    await new Promise((done) => setTimeout(done, POLL_MS))
  }
  return readFileSync(logFile, 'utf8')
}

function serverOf(cluster: string): { pid: number; startedAt: string } {
  const pid = readPostmasterFile(cluster)?.pid ?? 0
  const startedAt = identifyProcess(pid)?.startedAt
  if (startedAt === undefined) throw new Error('PostgreSQL ended right after it had started')
  return { pid, startedAt }
}

async function ensureDatabase(url: string): Promise<void> {
  const admin = new URL(url)
  admin.pathname = '/postgres'
  const client = new pg.Client({ connectionString: admin.href })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`)
  } finally {
    await client.end()
  }
}
