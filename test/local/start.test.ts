import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findFreePort } from '../../src/local/free-port.ts'
import { findGroup } from '../../src/local/process-group.ts'
import { identifyProcess } from '../../src/local/process-identity.ts'
import { startEmptyDatabase } from '../support/postgres.ts'
import { createStubProject, type StubProject } from '../support/stub-worker.ts'

const TIMEOUT_MS = 120_000

let project: StubProject
let port: number
let started: Started[]

interface Started {
  process: ChildProcess
  output: () => string
  exitCode: Promise<number | null>
}

beforeEach(async () => {
  project = createStubProject()
  port = await findFreePort(0, 'a test')
  started = []
})
afterEach(async () => {
  for (const { process, exitCode } of started) {
    process.kill('SIGTERM')
    await exitCode
  }
  await vi.waitFor(() => expect(leftovers()).toEqual([]), { timeout: 20_000 })
  project.remove()
})

function start(env: Record<string, string> = {}, flags: string[] = []): Started {
  const child = spawn(process.execPath, ['src/local/start.ts', ...project.flags, ...flags], {
    env: { ...process.env, DATABASE_URL: '', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const exitCode = once(child, 'close').then(([code]: (number | null)[]) => code ?? null)
  const found = { process: child, output: () => text, exitCode }
  started.push(found)
  return found
}

async function ready(found: Started): Promise<Started> {
  await vi.waitFor(() => expect(found.output()).toContain('is ready at'), { timeout: 60_000, interval: 50 })
  return found
}

/** The command lines of all processes that were started for this project. */
function leftovers(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => identifyProcess(Number(name))?.command ?? '')
    .filter((command) => command.includes(project.folder))
}

async function sql(text: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/sql`, { method: 'POST', body: text })
  const { rows } = (await response.json()) as { rows?: unknown }
  return rows
}

describe.runIf(existsSync('/proc/self/stat'))('npm start', { timeout: TIMEOUT_MS }, () => {
  it('brings everything up, says where it is, ends it all on Ctrl-C, and finds its data again', async () => {
    const first = await ready(start())
    expect(first.output()).toContain(`http://127.0.0.1:${port}`)
    expect(first.output()).toMatch(/curl .*\/v1\/events/)
    await sql("INSERT INTO notes VALUES ('kept')")
    first.process.kill('SIGINT')
    first.process.kill('SIGINT')
    expect(await first.exitCode).toBe(0)
    expect(leftovers()).toEqual([])

    const second = await ready(start())
    expect(await sql('SELECT text FROM notes')).toEqual([['kept']])
    second.process.kill('SIGTERM')
    expect(await second.exitCode).toBe(0)
  })

  it('gives the Worker its settings without showing them in a command line, its output or a file that stays', async () => {
    writeFileSync(join(project.folder, '.dev.vars'), 'SEGMENT_WRITE_KEY=from-the-project\n')
    const run = await ready(start())
    const env = (await (await fetch(`http://127.0.0.1:${port}/env`)).json()) as Record<string, string>
    expect(env).toMatchObject({
      SEGMENT_WRITE_KEY: 'from-the-project',
      NEON_FETCH_ENDPOINT: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/sql$/),
    })
    const { username, password } = new URL(env.DATABASE_URL ?? '')
    expect(username).toBe('worker')
    expect(new URL(env.MAINTENANCE_DATABASE_URL ?? '').username).toBe('maintenance')
    expect(password.length).toBeGreaterThan(20)
    expect(leftovers().filter((command) => command.includes(password))).toEqual([])
    expect(run.output()).not.toContain(password)
    run.process.kill('SIGTERM')
    await run.exitCode
    const files = readdirSync(tmpdir()).filter((name) => name.startsWith('edge-event-store-vars-'))
    const texts = files
      .map((name) => join(tmpdir(), name, 'worker.env'))
      .filter(existsSync)
      .map((file) => readFileSync(file, 'utf8'))
    expect(texts.filter((text) => text.includes(password))).toEqual([])
  })

  it('tells other commands how to reach the database, the gateway and the service, in a file of this user that goes with it', async () => {
    const file = join(project.folder, '.data', 'local.env')
    const run = await ready(start())
    expect(run.output()).toContain(`(set -a; . '${file}'; npm run `)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const settings = parseEnv(readFileSync(file, 'utf8'))
    const seen = (await (await fetch(`http://127.0.0.1:${port}/env`)).json()) as Record<string, string>
    const { NEON_FETCH_ENDPOINT } = seen
    expect(settings).toEqual({
      DATABASE_URL: expect.any(String),
      NEON_FETCH_ENDPOINT,
      EVENT_STORE_URL: `http://127.0.0.1:${port}`,
    })
    const client = new pg.Client(settings.DATABASE_URL)
    await client.connect()
    expect((await client.query('SELECT session_user AS role')).rows).toEqual([{ role: 'postgres' }])
    await client.end()
    expect(run.output()).not.toContain(new URL(settings.DATABASE_URL ?? '').password)
    const printed = spawnSync('sh', ['-c', `set -a; . '${file}'; printf %s "$DATABASE_URL"`], { encoding: 'utf8' })
    expect(printed.stdout).toBe(settings.DATABASE_URL)
    run.process.kill('SIGTERM')
    await run.exitCode
    expect(existsSync(file)).toBe(false)
  })

  it('says that its PostgreSQL ended, and ends', async () => {
    const run = await ready(start())
    const [postmaster] = readFileSync(join(project.folder, '.data/postgres/cluster/postmaster.pid'), 'utf8').split('\n')
    process.kill(Number(postmaster), 'SIGKILL')
    expect(await run.exitCode).toBe(1)
    expect(run.output()).toContain(`PostgreSQL ended: see ${join(project.folder, '.data/postgres/postgres.log')}`)
    expect(run.output()).not.toContain('the Worker ended')
    await ready(start())
  })

  it('with --verbose passes on every line of the Worker, else only what it warns about', async () => {
    for (const verbose of [false, true]) {
      const run = await ready(start({}, verbose ? ['--verbose'] : []))
      await fetch(`http://127.0.0.1:${port}/noise`)
      await vi.waitFor(() => expect(run.output()).toMatch(/^\[worker\] .*a line for everyone/m))
      if (verbose) await vi.waitFor(() => expect(run.output()).toContain('a line for the curious'))
      else expect(run.output()).not.toContain('a line for the curious')
      run.process.kill('SIGTERM')
      await run.exitCode
    }
  })

  it('recovers from kill -9 at once, with its data', async () => {
    const killed = await ready(start())
    await sql("INSERT INTO notes VALUES ('kept')")
    const { group } = JSON.parse(readFileSync(join(project.folder, '.data', 'wrangler.json'), 'utf8')) as { group: number }
    expect(findGroup(group, 'workerd').length).toBeGreaterThan(0)
    killed.process.kill('SIGKILL')
    await killed.exitCode
    await ready(start())
    expect(await sql('SELECT text FROM notes')).toEqual([['kept']])
    expect(findGroup(group, '')).toEqual([])
  })

  it('names a port that is taken, says what to do, and exits with 1', async () => {
    const other = createServer().listen(port, '127.0.0.1')
    await once(other, 'listening')
    const run = start()
    expect(await run.exitCode).toBe(1)
    other.close()
    expect(run.output()).toContain(`port ${port}`)
    expect(run.output()).toContain(`PORT=${port + 1} npm start`)
  })

  it('refuses to run twice on the same data, and leaves the first run alone', async () => {
    await ready(start())
    const second = start({ PORT: String(await findFreePort(0, 'a test')) })
    expect(await second.exitCode).toBe(1)
    expect(second.output()).toMatch(/is in use by process \d+/)
    expect(await sql('SELECT 1')).toEqual([['1']])
  })

  it('stops in the middle of starting, with nothing left', async () => {
    for (const moment of [100, 700, 1_500]) {
      const run = start()
      await new Promise((resolve) => setTimeout(resolve, moment))
      run.process.kill('SIGINT')
      await run.exitCode
      expect(leftovers()).toEqual([])
    }
  })

  it('uses the database in DATABASE_URL, with no server of its own', async () => {
    const database = await startEmptyDatabase()
    try {
      const run = await ready(start({ DATABASE_URL: database.databaseUrl }))
      expect(await sql("SELECT current_setting('port')")).toEqual([[String(database.postgres.port)]])
      expect(existsSync(join(project.folder, '.data', 'postgres'))).toBe(false)
      expect(readFileSync(join(project.folder, '.data', 'local.env'), 'utf8')).not.toContain('DATABASE_URL')
      run.process.kill('SIGTERM')
      expect(await run.exitCode).toBe(0)
    } finally {
      await database.stop()
    }
  })

  it.each(['not a url', 'mysql://user:secret@host/db'])(
    'refuses the DATABASE_URL "%s" without repeating it',
    async (databaseUrl) => {
      const run = start({ DATABASE_URL: databaseUrl })
      expect(await run.exitCode).toBe(1)
      expect(run.output()).toContain('DATABASE_URL must be a connection string')
      expect(run.output()).not.toContain('secret')
    },
  )
})
