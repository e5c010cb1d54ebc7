import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, isRunning } from './process-identity.ts'

/**
 * Makes this process the folder's only user, and gives the function that ends that. A note of a process that does not run any
 * more counts for nothing. Two that start at the same moment after a crash may both pass; PostgreSQL's own lock then stops one.
 */
export function claimFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true })
  const note = join(folder, 'owner.json')
  const owner = readOwner(note)
  if (owner !== undefined && isRunning(owner)) {
    throw new Error(`${folder} is in use by process ${owner.pid}: stop that one first (kill ${owner.pid})`)
  }
  rmSync(note, { force: true })
  const self = { pid: process.pid, startedAt: identifyProcess(process.pid)?.startedAt ?? '' }
  writeFileSync(note, JSON.stringify(self), { flag: 'wx' })
  return () => rmSync(note, { force: true })
}

function readOwner(note: string): { pid: number; startedAt: string } | undefined {
  try {
    const { pid, startedAt }: { pid?: unknown; startedAt?: unknown } = JSON.parse(readFileSync(note, 'utf8'))
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined
  } catch {
    return undefined
  }
}
