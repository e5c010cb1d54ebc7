import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDatabaseUrl } from '../model/database-url.ts'
import { claimFolder } from './claim-folder.ts'
import { readCommandLine } from './command-line.ts'
import { holdPort } from './free-port.ts'
import { startGateway } from './gateway.ts'
import { PortTakenError } from './listen.ts'
import { keepLocalEnv } from './local-env.ts'
import { migrate } from './migrate.ts'
import { startPostgres } from './postgres.ts'
import { createLogins } from './postgres-logins.ts'
import { tryIt } from './try-it.ts'
import { waitUntilReady } from './wait-until-ready.ts'
import { startWrangler, stopLeftoverWrangler } from './wrangler.ts'

const DEFAULT_PORT = 8787
const PROJECT = fileURLToPath(new URL('../../', import.meta.url))

const USAGE = `usage: npm start [-- --verbose]
PORT is the port to serve on, instead of ${DEFAULT_PORT}; DATABASE_URL names a PostgreSQL to use instead of an own one.`

const { values: flags } = readCommandLine(USAGE, {
  options: {
    verbose: { type: 'boolean', default: false },
    config: { type: 'string', default: join(PROJECT, 'wrangler.toml') },
    migrations: { type: 'string', default: join(PROJECT, 'migrations') },
    data: { type: 'string', default: join(PROJECT, '.data') },
    state: { type: 'string', default: join(PROJECT, '.wrangler', 'state') },
  },
})

/** What has been started, to be stopped in the opposite order. */
const running: { stop(): Promise<void> }[] = []
let pending: Promise<unknown> = Promise.resolve()
let stopping: Promise<never> | undefined

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stopAll(0))

try {
  await start()
} catch (error) {
  if (stopping === undefined) console.error(describe(error))
  await stopAll(1)
}

async function start(): Promise<void> {
  const port = readPort(process.env.PORT)
  const dataDir = resolve(flags.data)
  const configPath = resolve(flags.config)
  const log = console.log
  const release = claimFolder(dataDir)
  running.push({ stop: async () => release() })
  await during(stopLeftoverWrangler(dataDir, log))
  const held = await during(holdPort(port, 'the event store'))

  let databaseUrl = process.env.DATABASE_URL ?? ''
  if (databaseUrl !== '' && !isDatabaseUrl(databaseUrl)) {
    throw new Error('DATABASE_URL must be a connection string such as postgresql://user:password@host/database')
  }
  const own = databaseUrl === ''
  if (own) {
    const postgres = await during(startPostgres({ dataDir: join(dataDir, 'postgres'), log }).then(keep))
    databaseUrl = postgres.url
    void postgres.exited.then(() => endBecause(`PostgreSQL ended: see ${postgres.logFile}`))
  }
  const directory = resolve(flags.migrations)
  await during(migrate({ databaseUrl, directory, log: flags.verbose ? log : () => undefined }))
  const given = forDriver(databaseUrl)
  const { worker, maintenance } = own ? await during(createLogins(databaseUrl)) : { worker: given, maintenance: given }
  const vars: Record<string, string> = { DATABASE_URL: worker, MAINTENANCE_DATABASE_URL: maintenance }
  if (!isNeon(databaseUrl)) {
    const gateway = await during(startGateway({ databaseUrl }).then((found) => keep({ ...found, stop: found.close })))
    vars.NEON_FETCH_ENDPOINT = gateway.url
  }
  const stateDir = resolve(flags.state)
  await during(held.release())
  const wrangler = keep(startWrangler({ port, configPath, stateDir, dataDir, vars, verbose: flags.verbose, log }))
  void wrangler.exited.then(() => endBecause('the Worker ended: see its messages above, or start again with --verbose'))
  const address = `http://127.0.0.1:${port}`
  await waitUntilReady(address, log)
  if (stopping !== undefined) return
  // Who gave the database knows it, and may keep it elsewhere.
  const { DATABASE_URL, MAINTENANCE_DATABASE_URL, ...reached } = vars
  const found = { ...(own ? { DATABASE_URL: databaseUrl } : {}), ...reached, EVENT_STORE_URL: address }
  log(tryIt(address, new Date(), keep(keepLocalEnv(dataDir, found)).file))
}

function endBecause(reason: string): void {
  if (stopping === undefined) console.error(reason)
  void stopAll(1)
}

function keep<Part extends { stop(): Promise<void> }>(part: Part): Part {
  running.push(part)
  return part
}

/** Waits for one step. When everything is being stopped meanwhile, the start ends there: what the step began is stopped, too. */
async function during<Result>(step: Promise<Result>): Promise<Result> {
  pending = step
  const result = await step
  return stopping ?? result
}

function stopAll(exitCode: number): Promise<never> {
  stopping ??= (async () => {
    await pending.catch(() => undefined)
    for (const part of running.reverse()) await part.stop().catch((error: unknown) => console.error(describe(error)))
    process.exit(exitCode)
  })()
  return stopping
}

function readPort(text: string | undefined): number {
  const port = Number(text || DEFAULT_PORT)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`PORT is "${text}": set it to a number from 1 to 65535`)
  return port
}

function isNeon(databaseUrl: string): boolean {
  return new URL(databaseUrl).hostname.endsWith('.neon.tech')
}

/** The driver refuses a connection string without a password, which a server that trusts local users does not need. */
function forDriver(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  url.password ||= 'none'
  return url.href
}

function describe(error: unknown): string {
  if (error instanceof PortTakenError && error.port === Number(process.env.PORT || DEFAULT_PORT)) {
    return `${error.message}: stop that process, or choose another port, for example PORT=${error.port + 1} npm start`
  }
  return error instanceof Error ? error.message : String(error)
}
