import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** Field 22 of /proc/<pid>/stat, counted after the command's closing parenthesis. */
const START_TIME_FIELD = 19

/**
 * Names a running process beyond its number, which the system uses again: when it started, and its command line.
 * Undefined when no such process runs.
 */
export function identifyProcess(pid: number): { startedAt: string; command: string } | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  try {
    if (existsSync('/proc/self/stat')) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (fields[0] === 'Z') return undefined
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      return { startedAt: `${boot} ${fields[START_TIME_FIELD]}`, command }
    }
    const ask = (column: string) => {
      return execFileSync('ps', ['-ww', '-o', `${column}=`, '-p', String(pid)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim()
    }
    return { startedAt: ask('lstart'), command: ask('command') }
  } catch {
    return undefined
  }
}

export function isRunning(process: { pid: number; startedAt: string }): boolean {
  return identifyProcess(process.pid)?.startedAt === process.startedAt
}

const POLL_MS = 20

/** True once the process is gone, false when it outlives `timeoutMs`. */
export async function waitForExit(process: { pid: number; startedAt: string }, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  while (isRunning(process)) {
    if (Date.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return true
}
