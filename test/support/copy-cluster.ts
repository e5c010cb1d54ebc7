import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

/** Copies the data of a server that does not run, whoever it belongs to. */
export function copyCluster(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  execFileSync('cp', ['-a', `${from}/.`, to])
}
