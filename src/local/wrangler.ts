import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { findGroup, stopGroup } from './process-group.ts'
import { runAfterDeath } from './run-after-death.ts'

export interface WranglerOptions {
  port: number
  configPath: string
  /** Where local storage is kept, and in `dataDir` the note of what runs. */
  stateDir: string
  dataDir: string
  /** What the Worker gets as bindings. Secrets: they reach it through a file that only this user can read. */
  vars: Record<string, string>
  verbose: boolean
  log: (line: string) => void
}

export interface Wrangler {
  /** Settles when the process ends by itself or by `stop`. */
  exited: Promise<void>
  stop(): Promise<void>
}

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url))
const STOP_TIMEOUT_MS = 10_000

/** Lines of a warning that every start would show: the schedule is only upkeep, which a local store can do without. */
const NO_NEWS =
  /Scheduled Workers are not automatically triggered|manually trigger a scheduled event|\/local\/scheduled|cron-triggers-locally/

/** Starts `wrangler dev` in a process group of its own, so that the terminal's Ctrl-C does not end it before its time. */
export function startWrangler(options: WranglerOptions): Wrangler {
  const { configPath, verbose, log } = options
  const secrets = mkdtempSync(join(tmpdir(), 'edge-event-store-vars-'))
  const varsFile = join(secrets, 'worker.env')
  writeFileSync(varsFile, toEnvFile(options.vars), { mode: 0o600 })
  const parameters = [
    ...['dev', '--config', configPath, '--ip', '127.0.0.1', '--port', String(options.port), '--persist-to', options.stateDir],
    ...[...ownEnvFiles(configPath), varsFile].flatMap((file) => ['--env-file', file]),
    ...['--show-interactive-dev-session=false', '--log-level', verbose ? 'log' : 'warn'],
  ]
  const { DATABASE_URL, MAINTENANCE_DATABASE_URL, PORT, ...environment } = process.env
  const program = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin', 'wrangler.js')
  const child = spawn(process.execPath, [program, ...parameters], {
    cwd: dirname(configPath),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...environment,
      PATH: `${join(MODULES, '.bin')}${delimiter}${environment.PATH}`,
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    },
  })
  passLines(child, (line) => (verbose || !NO_NEWS.test(line) ? log(line) : undefined))
  const group = child.pid ?? 0
  const callOff = runAfterDeath('rm -rf "$2"; kill -TERM "-$1" 2>/dev/null', [String(group), secrets])
  const note = noteFile(options.dataDir)
  mkdirSync(options.dataDir, { recursive: true })
  writeFileSync(note, JSON.stringify({ group }))
  const exited = new Promise<void>((done) => {
    child.on('error', (error) => {
      log(error.message)
      done()
    })
    child.on('exit', () => done())
  })
  return {
    exited,
    async stop() {
      await stopGroup(group, MODULES, STOP_TIMEOUT_MS)
      callOff()
      rmSync(note, { force: true })
      rmSync(secrets, { recursive: true, force: true })
    },
  }
}

/** Ends what a killed run left behind: wrangler's processes would go on holding the port. */
export async function stopLeftoverWrangler(dataDir: string, log: (line: string) => void): Promise<void> {
  const note = noteFile(dataDir)
  if (!existsSync(note)) return
  const group = readGroup(note)
  if (group > 0 && findGroup(group, MODULES).length > 0) {
    log('stopping the Worker that an earlier run left behind')
    await stopGroup(group, MODULES, STOP_TIMEOUT_MS)
  }
  rmSync(note, { force: true })
}

function noteFile(dataDir: string): string {
  return join(dataDir, 'wrangler.json')
}

function readGroup(note: string): number {
  try {
    const { group }: { group?: unknown } = JSON.parse(readFileSync(note, 'utf8'))
    return typeof group === 'number' ? group : 0
  } catch {
    return 0
  }
}

/** wrangler expands `$NAME` in env files, even in quotes. Our values are URLs, where an escape says the same. */
function toEnvFile(vars: Record<string, string>): string {
  return Object.entries(vars)
    .map(([name, value]) => `${name}='${value.replaceAll('$', '%24').replaceAll("'", '%27')}'\n`)
    .join('')
}

/** Given any `--env-file`, wrangler no longer looks for the files that it reads by itself, so they are named as well. */
function ownEnvFiles(configPath: string): string[] {
  const existing = (names: string[]) => names.map((name) => resolve(dirname(configPath), name)).filter((file) => existsSync(file))
  const devVars = existing(['.dev.vars'])
  return devVars.length > 0 ? devVars : existing(['.env', '.env.local'])
}

function passLines(child: ChildProcess, log: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      const text = process.stdout.isTTY ? line : stripVTControlCharacters(line)
      if (text.trim() !== '') log(`[worker] ${text}`)
    })
  }
}
