import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chownSync, cpSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { binariesUnder, type PostgresBinaries } from './postgres-binaries.ts'

export interface Account {
  uid: number
  gid: number
  /** The account reads through folders that are closed to it: where root's own tree holds the data and the binaries. */
  throughClosedFolders: boolean
}

export interface PostgresPlace {
  binaries: PostgresBinaries
  dataDir: string
  /** Whom the server runs as; undefined: whoever runs this process. */
  account: Account | undefined
}

/**
 * PostgreSQL refuses to run as root. Under root it runs as the data's owner, else as `postgres` (made when missing), else
 * `nobody`. Where a folder above the data is closed to that account, it gets the one capability to read through it; where the
 * system does not allow that either, the data is placed in the temporary folder, and `say` tells so. Binaries that are closed to
 * it are copied there in any case: initdb looks for them with access(2), which passes over capabilities.
 */
export function findPlace(dataDir: string, binaries: PostgresBinaries, say: (line: string) => void): PostgresPlace {
  mkdirSync(dirname(dataDir), { recursive: true })
  if (process.getuid?.() !== 0) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    refuseForeign(dataDir)
    return { binaries, dataDir, account: undefined }
  }
  const ids = ownerOf(dataDir) ?? idsOf('postgres') ?? createPostgresAccount() ?? idsOf('nobody')
  if (ids === undefined) throw new Error('PostgreSQL cannot run as root, and there is no account "postgres" or "nobody"')
  const plain: Account = { ...ids, throughClosedFolders: false }
  const reached = canReach([binaries.postgres], plain) ? binaries : copyBinaries(binaries, rootsFolder(binaries.root))
  if (ensureOwned(dataDir, plain)) {
    for (const account of [plain, { ...ids, throughClosedFolders: true }]) {
      if (canReach([dataDir, reached.postgres], account)) return { binaries: reached, dataDir, account }
    }
  }
  const place = { dataDir: join(rootsFolder(dataDir), 'postgres'), binaries: reached, account: plain }
  if (!ensureOwned(place.dataDir, plain) || !canReach([place.dataDir, reached.postgres], plain)) {
    throw new Error(`uid ${ids.uid}, which PostgreSQL has to run as, can use neither ${dataDir} nor ${place.dataDir}`)
  }
  say(
    `PostgreSQL runs as uid ${ids.uid}, which cannot reach ${dataDir}: the data is in ${place.dataDir}, which the system may empty`,
  )
  return place
}

/** What to spawn so that `program` runs as the account. */
export function commandAs(account: Account | undefined, program: string, parameters: string[]) {
  if (account === undefined) return { file: program, parameters, ids: {} }
  const { uid, gid } = account
  if (!account.throughClosedFolders) return { file: program, parameters, ids: { uid, gid } }
  const capability = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search']
  return {
    file: 'setpriv',
    parameters: [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...capability, program, ...parameters],
    ids: {},
  }
}

function canReach(paths: string[], account: Account): boolean {
  const script = 'for path do test -x "$path" || exit 1; done'
  const { file, parameters, ids } = commandAs(account, '/bin/sh', ['-c', script, 'sh', ...paths])
  return spawnSync(file, parameters, { ...ids, cwd: '/', stdio: 'ignore' }).status === 0
}

function refuseForeign(dataDir: string): void {
  const { uid } = statSync(dataDir)
  if (process.getuid !== undefined && uid !== process.getuid()) {
    throw new Error(`${dataDir} belongs to another user (uid ${uid}): run as that user, or as root, or remove it`)
  }
}

function ownerOf(dataDir: string): { uid: number; gid: number } | undefined {
  if (!existsSync(dataDir)) return undefined
  const { uid, gid } = statSync(dataDir)
  return uid === 0 ? undefined : { uid, gid }
}

function idsOf(name: string): { uid: number; gid: number } | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}

function createPostgresAccount(): { uid: number; gid: number } | undefined {
  spawnSync('groupadd', ['--system', 'postgres'], { stdio: 'ignore' })
  spawnSync('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres'], { stdio: 'ignore' })
  return idsOf('postgres')
}

function ensureOwned(folder: string, account: { uid: number; gid: number }): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    if (statSync(folder).uid !== account.uid) chownSync(folder, account.uid, account.gid)
    return true
  } catch {
    return false
  }
}

/**
 * A folder in the temporary folder that stands for a path closed to the account. Anyone may have made one of that name; only
 * root's own is used.
 */
function rootsFolder(closedPath: string): string {
  const folder = join(tmpdir(), `edge-event-store-${createHash('sha256').update(closedPath).digest('hex').slice(0, 16)}`)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== 0) throw new Error(`${folder} belongs to someone else: remove it`)
  return folder
}

function copyBinaries(binaries: PostgresBinaries, folder: string): PostgresBinaries {
  const target = join(folder, `postgresql-${binaries.version}`)
  if (!existsSync(target)) {
    const partial = `${target}.${process.pid}`
    cpSync(binaries.root, partial, { recursive: true, verbatimSymlinks: true })
    try {
      renameSync(partial, target)
    } catch (error) {
      rmSync(partial, { recursive: true, force: true })
      if (!existsSync(join(target, 'bin'))) throw error
    }
  }
  return binariesUnder(target, binaries.version)
}
