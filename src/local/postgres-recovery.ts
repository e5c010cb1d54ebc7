import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { identifyProcess, isRunning, waitForExit } from './process-identity.ts'
import { runAfterDeath } from './run-after-death.ts'

const STOP_TIMEOUT_MS = 60_000

export interface ServerProcess {
  pid: number
  startedAt: string
}

/** The server's own lock file: line 1 its process, line 8 its state (`pidfile.h`). */
export function readPostmasterFile(cluster: string): { pid: number; ready: boolean } | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')
    return { pid: Number(lines[0]), ready: lines[7]?.trim() === 'ready' }
  } catch {
    return undefined
  }
}

/** Stops the server, in order, that a killed process left running on the data, and leaves nothing that keeps a new one from starting. */
export async function recoverCluster(cluster: string, log: (line: string) => void): Promise<void> {
  const orphan = findOrphan(cluster)
  if (orphan !== undefined) {
    log(`stopping the PostgreSQL server (process ${orphan.pid}) that an earlier run left behind`)
    await stopServer(orphan)
  }
  disownPostmasterFile(join(cluster, 'postmaster.pid'))
}

/**
 * A dead server's number may belong to another process by now, or to its own unreaped remains; PostgreSQL would then refuse to
 * start. It passes over the number of its parent, so that is put in place. The rest of the file stays: PostgreSQL looks there for
 * sessions of the dead server that still run.
 */
function disownPostmasterFile(file: string): void {
  if (!existsSync(file)) return
  const [, ...rest] = readFileSync(file, 'utf8').split('\n')
  writeFileSync(file, [process.pid, ...rest].join('\n'))
}

function findOrphan(cluster: string): ServerProcess | undefined {
  const pid = readPostmasterFile(cluster)?.pid ?? 0
  const found = identifyProcess(pid)
  if (found === undefined) return undefined
  const names = [cluster, realpathSync(cluster)]
  const [program = ''] = found.command.split(' -D ')
  const isOurs = basename(program).startsWith('postgres') && names.some((name) => found.command.includes(` -D ${name} `))
  return isOurs ? { pid, startedAt: found.startedAt } : undefined
}

/** Fast shutdown: sessions are ended, everything is written. Only a server that does not end in a minute is killed. */
export async function stopServer(server: ServerProcess): Promise<void> {
  if (!isRunning(server)) return
  signal(server.pid, 'SIGINT')
  if (await waitForExit(server, STOP_TIMEOUT_MS)) return
  signal(server.pid, 'SIGQUIT')
  await waitForExit(server, STOP_TIMEOUT_MS)
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended in between.
  }
}

/** Stops the server, in order, when this process is killed, and removes `remove`. Gives the function that calls it off. */
export function stopServerAfterDeath(server: ServerProcess, cluster: string, remove: string | undefined): () => void {
  const script = `[ "$(head -n 1 "$2/postmaster.pid" 2>/dev/null)" = "$1" ] && kill -INT "$1" 2>/dev/null
    [ -n "$3" ] || exit
    while kill -0 "$1" 2>/dev/null; do sleep 0.1; done
    rm -rf "$3"`
  return runAfterDeath(script, [String(server.pid), cluster, remove ?? ''])
}
