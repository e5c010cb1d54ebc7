import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Linux counts processor time in these, whatever its own clock does. */
const TICK_MS = 10

/**
 * Processor time in ms that these processes and all that they started have used; null where the system has no `/proc`. A process
 * that ended takes its time along.
 */
export function processorMs(roots: readonly number[]): number | null {
  if (!existsSync('/proc/self/stat')) return null
  const children = new Map<number, number[]>()
  const used = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = readStat(Number(name))
    if (!stat) continue
    used.set(Number(name), stat.ticks)
    const siblings = children.get(stat.parent)
    if (siblings) siblings.push(Number(name))
    else children.set(stat.parent, [Number(name)])
  }
  const sum = (pid: number): number => (children.get(pid) ?? []).reduce((all, child) => all + sum(child), used.get(pid) ?? 0)
  return TICK_MS * roots.reduce((all, root) => all + sum(root), 0)
}

/** The process that started another; null when it is gone. */
export function parentOf(pid: number): number | null {
  return readStat(pid)?.parent ?? null
}

/** `proc(5)`: after the name, which may hold anything, the state, the parent, and as 12th and 13th the time as user and as system. */
function readStat(pid: number): { parent: number; ticks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    return null
  }
}
