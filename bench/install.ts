import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Brings the packages of the peers, which are the benchmark's alone, from their own lock file. Nothing where they are there. */
export function installPeers(): void {
  const own = join(import.meta.dirname, 'node_modules')
  // Written last by npm, so that an interrupted installation does not count.
  if (existsSync(join(own, '.package-lock.json'))) return
  console.error('installing what the benchmark compares with (bench/package-lock.json)')
  const parameters = ['ci', '--prefix', import.meta.dirname, '--ignore-scripts', '--no-audit', '--no-fund']
  execFileSync('npm', parameters, { stdio: ['ignore', 'ignore', 'inherit'] })
}
