import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runAfterDeath } from './run-after-death.ts'

export interface LocalEnv {
  readonly file: string
  stop(): Promise<void>
}

/**
 * Keeps settings for other commands in a file that a shell can read, until `stop` or this process's death. They hold a password, so
 * nobody else can read it; their values have no quotes in them.
 */
export function keepLocalEnv(dataDir: string, settings: Readonly<Record<string, string>>): LocalEnv {
  const file = join(dataDir, 'local.env')
  const remove = () => rmSync(file, { force: true })
  remove()
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`)
  writeFileSync(file, lines.join(''), { mode: 0o600, flag: 'wx' })
  const callOff = runAfterDeath('rm -f "$1"', [file])
  return {
    file,
    async stop() {
      callOff()
      remove()
    },
  }
}
