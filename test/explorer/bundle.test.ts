import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

/** All that the first view loads, scripts and styles. */
const MAX_FIRST_VIEW_BYTES = 200_000

interface Chunk {
  readonly file: string
  readonly css?: readonly string[]
  readonly imports?: readonly string[]
  readonly dynamicImports?: readonly string[]
}

let folder: string
let manifest: Record<string, Chunk>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'explorer-bundle-'))
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
  // Apart from the tests' own process, which would make it a build for tests.
  await promisify(execFile)(process.execPath, [vite, 'build', '--config', 'vite.config.ts', '--outDir', folder, '--manifest'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production' },
  })
  manifest = JSON.parse(await readFile(join(folder, '.vite/manifest.json'), 'utf8'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The files of chunks and of all that these import at once. */
function filesOf(names: readonly string[], seen = new Set<string>()): Set<string> {
  const files = new Set<string>()
  for (const name of names) {
    const chunk = manifest[name]
    if (!chunk) throw new Error(`there is no chunk ${name}`)
    if (seen.has(name)) continue
    seen.add(name)
    for (const file of [chunk.file, ...(chunk.css ?? []), ...filesOf(chunk.imports ?? [], seen)]) files.add(file)
  }
  return files
}

async function gzippedBytes(files: Iterable<string>): Promise<number> {
  const sizes = await Promise.all([...files].map(async (file) => gzipSync(await readFile(join(folder, file))).byteLength))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** The page, the frame, the overview and the chart on it. */
const FIRST_VIEW = ['index.html', 'start.tsx', 'views/overview/overview-view.tsx']
const CHART = 'ui/chart/plot.tsx'

describe('the built explorer', () => {
  it(`loads less than ${MAX_FIRST_VIEW_BYTES} bytes for its first view`, async () => {
    const names = CHART in manifest ? [...FIRST_VIEW, CHART] : FIRST_VIEW
    const bytes = await gzippedBytes(filesOf(names))
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThan(MAX_FIRST_VIEW_BYTES)
  })

  it('leaves the libraries of the graph to the graph', async () => {
    const first = await Promise.all([...filesOf(FIRST_VIEW)].map((file) => readFile(join(folder, file), 'utf8')))
    expect(first.join('\n')).not.toMatch(/react-flow__|dagre/)
  })
})
