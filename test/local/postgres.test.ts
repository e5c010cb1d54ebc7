import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PortTakenError } from '../../src/local/listen.ts'
import { type Postgres, startPostgres } from '../../src/local/postgres.ts'

const TIMEOUT_MS = 60_000
const HOLDER = `
  const { startPostgres } = await import(${JSON.stringify(new URL('../../src/local/postgres.ts', import.meta.url).href)})
  const { url } = await startPostgres(JSON.parse(process.argv[1]))
  process.stdout.write(url)
  setInterval(() => undefined, 1000)`

let folder: string
let dataDir: string
let postgres: Postgres | undefined
let holder: ChildProcess | undefined
let bystander: ChildProcess | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-postgres-'))
  dataDir = join(folder, 'data')
})
afterEach(async () => {
  const held = holder === undefined ? undefined : postmaster()
  await killHolder()
  await vi.waitFor(() => expect(held !== undefined && isAlive(held)).toBe(false), { timeout: 10_000 })
  bystander?.kill('SIGKILL')
  await postgres?.stop()
  postgres = undefined
  rmSync(folder, { recursive: true, force: true })
})

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows
  } finally {
    await client.end()
  }
}

/** A process of its own that starts PostgreSQL and stays. */
async function hold(options: object): Promise<string> {
  holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = holder.stdout === null ? [] : await once(holder.stdout, 'data')
  return String(url)
}

async function killHolder(): Promise<void> {
  if (holder === undefined) return
  const exited = once(holder, 'exit')
  holder.kill('SIGKILL')
  await exited
  holder = undefined
}

const postmaster = () => Number(readFileSync(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0])

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('startPostgres', { timeout: TIMEOUT_MS }, () => {
  it('keeps the data, the password and safe settings over a restart', async () => {
    postgres = await startPostgres({ dataDir })
    const first = new URL(postgres.url)
    await query(postgres.url, 'CREATE TABLE kept AS SELECT 7 AS a')
    await postgres.stop()
    postgres = await startPostgres({ dataDir })
    const second = new URL(postgres.url)
    expect([second.pathname, second.hostname, second.password]).toEqual(['/events', '127.0.0.1', first.password])
    expect(await query(postgres.url, 'SELECT a FROM kept')).toEqual([[7]])
    const settings = "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')"
    expect(await query(postgres.url, settings)).toEqual([['on', 'on', 'on']])
    expect(await query(postgres.url, 'SHOW listen_addresses')).toEqual([['127.0.0.1']])
  })

  it('lets nobody in without the password, and lets nobody else read it', async () => {
    postgres = await startPostgres({ dataDir, durable: false })
    const url = new URL(postgres.url)
    url.password = 'guessed'
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    expect(statSync(join(dataDir, 'password')).mode & 0o077).toBe(0)
  })

  it('takes over from a killed process whose server still runs, without losing what was committed', async () => {
    const url = await hold({ dataDir })
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS a')
    await killHolder()
    postgres = await startPostgres({ dataDir })
    expect(await query(postgres.url, 'SELECT a FROM kept')).toEqual([[7]])
  })

  it('recovers when the server was killed as well', async () => {
    const url = await hold({ dataDir })
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS a')
    const pid = postmaster()
    await Promise.all([killHolder(), process.kill(pid, 'SIGKILL')])
    postgres = await startPostgres({ dataDir })
    expect(await query(postgres.url, 'SELECT a FROM kept')).toEqual([[7]])
  })

  it('leaves a process alone that has got the number of a dead server', async () => {
    postgres = await startPostgres({ dataDir, durable: false })
    await postgres.stop()
    bystander = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' })
    writeFileSync(join(dataDir, 'cluster', 'postmaster.pid'), `${bystander.pid}\n${dataDir}\n`)
    writeFileSync(join(dataDir, 'owner.json'), JSON.stringify({ pid: bystander.pid, startedAt: 'another time' }))
    postgres = await startPostgres({ dataDir, durable: false })
    expect(await query(postgres.url, 'SELECT 1')).toEqual([[1]])
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull()
  })

  it('starts over when making the cluster was interrupted', async () => {
    postgres = await startPostgres({ dataDir, durable: false })
    await postgres.stop()
    rmSync(join(dataDir, 'cluster', 'global'), { recursive: true })
    renameSync(join(dataDir, 'cluster'), join(dataDir, 'cluster.partial'))
    postgres = await startPostgres({ dataDir, durable: false })
    expect(await query(postgres.url, 'SELECT 1')).toEqual([[1]])
  })

  it('refuses data that another live process uses, and does not disturb it', async () => {
    const url = await hold({ dataDir, durable: false })
    await expect(startPostgres({ dataDir })).rejects.toThrow(/is in use by process \d+/)
    expect(await query(url, 'SELECT 1')).toEqual([[1]])
  })

  it('names a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const failure = await startPostgres({ dataDir, port }).catch((error: unknown) => error)
    other.close()
    expect(failure).toBeInstanceOf(PortTakenError)
    expect(failure).toMatchObject({ port, message: expect.stringContaining(String(port)) })
    postgres = await startPostgres({ dataDir, port, durable: false })
    expect(postgres.port).toBe(port)
  })

  it.runIf(process.getuid?.() === 0)(
    'runs under root in the temporary folder when its account can reach no other, and says so',
    async () => {
      const tools = join(folder, 'tools')
      mkdirSync(tools)
      symlinkSync('/usr/bin/id', join(tools, 'id'))
      vi.stubEnv('PATH', tools)
      const said: string[] = []
      postgres = await startPostgres({ dataDir, durable: false, log: (line) => said.push(line) })
      vi.unstubAllEnvs()
      expect(await query(postgres.url, 'SELECT 1')).toEqual([[1]])
      const [, fallback = ''] = /the data is in (.*)\/postgres,/.exec(said.join()) ?? []
      expect(fallback.startsWith(tmpdir())).toBe(true)
      expect(existsSync(join(dataDir, 'cluster'))).toBe(false)
      await postgres.stop()
      rmSync(fallback, { recursive: true })
    },
  )

  it('removes data that need not persist, at stop and when its process is killed', async () => {
    postgres = await startPostgres({ dataDir, persistent: false, durable: false })
    await postgres.stop()
    expect(existsSync(dataDir)).toBe(false)
    await hold({ dataDir, persistent: false, durable: false })
    const pid = postmaster()
    await killHolder()
    await vi.waitFor(() => expect([isAlive(pid), existsSync(dataDir)]).toEqual([false, false]), { timeout: 10_000 })
  })
})
