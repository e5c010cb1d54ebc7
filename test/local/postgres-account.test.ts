import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { commandAs, findPlace } from '../../src/local/postgres-account.ts'
import { binariesUnder, findPostgresBinaries } from '../../src/local/postgres-binaries.ts'

it.skipIf(process.getuid?.() !== 0)('makes a cluster in a tree that is closed to all but root (skipped unless root)', () => {
  const closed = mkdtempSync(join(tmpdir(), 'event-store-closed-'))
  chmodSync(closed, 0o700)
  const found = findPostgresBinaries()
  let copied: string | undefined
  try {
    cpSync(found.root, join(closed, 'native'), { recursive: true, verbatimSymlinks: true })
    const binaries = binariesUnder(join(closed, 'native'), found.version)
    const place = findPlace(join(closed, '.data/postgres'), binaries, () => undefined)
    copied = place.binaries.root
    expect(place.dataDir.startsWith(closed)).toBe(true)
    const { file, parameters, ids } = commandAs(place.account, place.binaries.initdb, ['-D', join(place.dataDir, 'cluster')])
    expect(execFileSync(file, parameters, { ...ids, cwd: '/', encoding: 'utf8' })).toContain('Success')
  } finally {
    rmSync(closed, { recursive: true, force: true })
    if (copied !== undefined && copied !== found.root) rmSync(join(copied, '..'), { recursive: true, force: true })
  }
})
