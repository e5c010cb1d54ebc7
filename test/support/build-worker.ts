import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

const root = join(import.meta.dirname, '../..')

/** Bundles the Worker as a deployment does: `worker.js` in the folder. */
export async function buildWorker(folder: string): Promise<void> {
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js')
  await promisify(execFile)(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', folder], { cwd: root })
}

/** Bundles the Worker once for all tests that run it as a whole. */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'event-store-worker-'))
  await buildWorker(folder)
  provide('builtWorker', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
