import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'

export interface ExplorerBuild {
  readonly root: string
  readonly put: (content: Buffer, path: string) => Promise<void>
}

/** All that a build is made from; the lock file stands for the packages. */
const SOURCES = ['src/explorer', 'src/client', 'src/model', 'src/protocol', 'vite.config.ts', 'package-lock.json']

/** What pages that are open now may still load: files of earlier builds stay so long, in milliseconds. */
const KEEP_MS = 3_600_000

/** What the last build was made from, and the files that it gave. */
interface Stamp {
  readonly sources: string
  readonly files: readonly string[]
}

/** Builds the explorer into dist/public, unless what is there was built from the same sources. */
export async function buildExplorer({ root, put }: ExplorerBuild): Promise<void> {
  const dist = join(root, 'dist')
  const target = join(dist, 'public')
  const stampFile = join(dist, 'explorer.json')
  const sources = await digestOf(root)
  const last = await readStamp(stampFile)
  if (last?.sources === sources && last.files.every((file) => existsSync(join(target, file)))) return

  await mkdir(join(target, 'assets'), { recursive: true })
  const built = await mkdtemp(join(dist, 'explorer-'))
  try {
    // A test that starts a service would have a build for tests.
    process.env.NODE_ENV = 'production'
    const { build } = await import('vite')
    await build({ configFile: join(root, 'vite.config.ts'), build: { outDir: built } })
    const files = await filesIn(built)
    // The page comes last, when all that it names is there.
    const inOrder = files.toSorted((one, other) => Number(one === 'index.html') - Number(other === 'index.html'))
    for (const file of inOrder) await put(await readFile(join(built, file)), join(target, file))
    await removeOld(join(target, 'assets'), new Set(files.map((file) => join(target, file))))
    await put(Buffer.from(JSON.stringify({ sources, files } satisfies Stamp)), stampFile)
  } finally {
    await rm(built, { recursive: true, force: true })
  }
}

/** By content: a checkout changes times and not contents, or the other way round. */
async function digestOf(root: string): Promise<string> {
  const hash = createHash('sha256')
  for (const source of SOURCES) {
    const path = join(root, source)
    const files = (await stat(path)).isFile() ? [path] : (await filesIn(path)).map((file) => join(path, file))
    for (const file of files.toSorted()) hash.update(`${relative(root, file)}\n`).update(await readFile(file))
  }
  return hash.digest('hex')
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

async function readStamp(path: string): Promise<Stamp | null> {
  const text = await readFile(path, 'utf8').catch(() => 'null')
  return JSON.parse(text) as Stamp | null
}

/** Removes what is neither of this build nor young: another build may run, and a page of the last one may be open. */
async function removeOld(folder: string, current: ReadonlySet<string>): Promise<void> {
  for (const file of await readdir(folder)) {
    const path = join(folder, file)
    const age = current.has(path) ? 0 : Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? Date.now())
    if (age > KEEP_MS) await rm(path, { force: true })
  }
}
