import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandAs, type PostgresPlace } from './postgres-account.ts'

const PASSWORD_BYTES = 24

/** Makes the cluster unless it is there. An interrupted attempt leaves a folder of another name, which the next one removes. */
export async function createCluster(
  place: PostgresPlace,
  owner: string,
  durable: boolean,
): Promise<{ dir: string; password: string }> {
  const dir = join(place.dataDir, 'cluster')
  const passwordFile = join(place.dataDir, 'password')
  if (!existsSync(passwordFile)) {
    if (existsSync(dir)) throw new Error(`${passwordFile} is missing: put it back, or remove ${place.dataDir} to start anew`)
    const partial = `${passwordFile}.partial`
    writeFileSync(partial, randomBytes(PASSWORD_BYTES).toString('hex'), { mode: 0o600 })
    if (place.account) chownSync(partial, place.account.uid, place.account.gid)
    renameSync(partial, passwordFile)
  }
  const password = readFileSync(passwordFile, 'utf8')
  if (!existsSync(dir)) {
    const partial = join(place.dataDir, 'cluster.partial')
    rmSync(partial, { recursive: true, force: true })
    await initdb(place, [
      `--pgdata=${partial}`,
      `--username=${owner}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      ...(durable ? [] : ['--no-sync']),
    ])
    renameSync(partial, dir)
  }
  return { dir, password }
}

function initdb(place: PostgresPlace, parameters: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const command = commandAs(place.account, place.binaries.initdb, parameters)
    const child = spawn(command.file, command.parameters, {
      ...command.ids,
      cwd: place.dataDir,
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let complaints = ''
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`PostgreSQL could not make its data directory:\n${complaints}`))
    })
  })
}
