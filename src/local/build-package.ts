import { execFileSync } from 'node:child_process'
import { cp, glob, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readCommandLine } from './command-line.ts'

/*
 * Builds what applications install: the stores and the client as JavaScript with types, without the Worker. Node does not
 * run TypeScript of installed packages. `npm pack` and `npm publish` work in the folder that it leaves.
 */

const root = join(import.meta.dirname, '../..')
const USAGE = 'usage: npm run build:package [-- --out <folder>]\nBuilds the package of the stores and the client in dist/package.'
const { values } = readCommandLine(USAGE, { options: { out: { type: 'string', default: join(root, 'dist/package') } } })
const target = resolve(values.out)

await refuseOthersFolder()
await rm(target, { recursive: true, force: true })
await mkdir(target, { recursive: true })
execFileSync(process.execPath, [typescript(), '-p', join(root, 'tsconfig.package.json'), '--outDir', target], {
  stdio: ['ignore', 'inherit', 'inherit'],
})
for (const file of ['README.md', 'LICENSE', 'docs']) await cp(join(root, file), join(target, file), { recursive: true })

const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
const imported = await importedPackages()
const chosen = (versions: Record<string, string>) =>
  Object.fromEntries(Object.entries(versions).filter(([name]) => imported.has(name)))
const { name, version, description, license, type, peerDependencies, peerDependenciesMeta } = own
const manifest = {
  name,
  version,
  description,
  license,
  type,
  // JSON.parse gives the digits of a number since V8 11.4: Node 22.
  engines: { node: '>=22' },
  sideEffects: false,
  exports: Object.fromEntries(
    Object.entries(own.exports as Record<string, string>).map(([entry, source]) => {
      const built = source.replace('./src/', './').replace(/\.ts$/, '')
      return [entry, { types: `${built}.d.ts`, default: `${built}.js` }]
    }),
  ),
  dependencies: Object.fromEntries(Object.entries(chosen(own.dependencies)).filter(([name]) => name !== 'zod')),
  // The application's own: it gives its schemas to the codec.
  peerDependencies: { ...peerDependencies, zod: `^${own.dependencies.zod}` },
  peerDependenciesMeta,
}
await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
console.log(`The package is in ${target}: install it with \`npm install ${target}\`, or pack it with \`npm pack ${target}\`.`)

/** What stands in the folder is deleted: only what an earlier build left may be. */
async function refuseOthersFolder(): Promise<void> {
  const entries: string[] = await readdir(target).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (entries.length === 0) return
  const manifest = await readFile(join(target, 'package.json'), 'utf8').catch(() => '{}')
  if (nameIn(manifest) === 'edge-event-store' && !entries.includes('src')) return
  console.error(`${target} holds something else. Nothing was built: name a folder that is new, empty, or from an earlier build.`)
  process.exit(1)
}

function nameIn(manifest: string): unknown {
  try {
    return JSON.parse(manifest).name
  } catch {
    return undefined
  }
}

function typescript(): string {
  return join(root, 'node_modules/typescript/bin/tsc')
}

/** The packages that the built files import, by name. */
async function importedPackages(): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for await (const file of glob('**/*.js', { cwd: target })) {
    const text = await readFile(join(target, file), 'utf8')
    for (const [, specifier = ''] of text.matchAll(/\bfrom '([^'.][^']*)'/g)) {
      const [scope = '', rest = ''] = specifier.split('/')
      found.add(scope.startsWith('@') ? `${scope}/${rest}` : scope)
    }
  }
  return found
}
