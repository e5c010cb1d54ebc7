import { execFileSync } from 'node:child_process'
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

/*
 * Builds what applications install: the stores and the client as JavaScript with types, without the Worker. Node does not
 * run TypeScript of installed packages. `npm pack` and `npm publish` work in the folder that it leaves.
 */

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist/package') } } })
const target = resolve(values.out)

await rm(target, { recursive: true, force: true })
await mkdir(target, { recursive: true })
execFileSync(process.execPath, [typescript(), '-p', join(root, 'tsconfig.package.json'), '--outDir', target], {
  stdio: ['ignore', 'inherit', 'inherit'],
})
for (const file of ['README.md', 'LICENSE']) await cp(join(root, file), join(target, file))

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
  dependencies: chosen(own.dependencies),
  peerDependencies,
  peerDependenciesMeta,
}
await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
console.log(`The package is in ${target}: install it with \`npm install ${target}\`, or pack it with \`npm pack ${target}\`.`)

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
