import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { identifyProcess } from './process-identity.ts'

const POLL_MS = 50

/** The live processes of a group whose command line mentions `mark`: a group's number alone may have been given to others. */
export function findGroup(group: number, mark: string): number[] {
  return processes()
    .filter((process) => process.group === group)
    .map((process) => process.pid)
    .filter((pid) => identifyProcess(pid)?.command.includes(mark))
}

/** Asks the group's processes to end, and kills those that have not within `timeoutMs`. */
export async function stopGroup(group: number, mark: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs
  signalAll(findGroup(group, mark), 'SIGTERM')
  for (;;) {
    const left = findGroup(group, mark)
    if (left.length === 0) return
    if (Date.now() > deadline) signalAll(left, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function signalAll(pids: number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It ended in between.
    }
  }
}

function processes(): { pid: number; group: number }[] {
  if (!existsSync('/proc/self/stat')) {
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,pgid='], { encoding: 'utf8' }).trim().split('\n')
    return lines.map((line) => line.trim().split(/\s+/).map(Number)).map(([pid = 0, group = 0]) => ({ pid, group }))
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), group: groupOf(name) }))
}

function groupOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(group)
  } catch {
    return 0
  }
}
