import { glob, readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const SRC = join(ROOT, 'src')

/** What each part of the source may import: other parts, packages, and `cloudflare:` or `node:` modules by name. */
const LAYERS: Record<string, readonly string[]> = {
  model: ['zod'],
  protocol: ['model', 'zod', 'zod-openapi'],
  client: ['model', 'protocol'],
  store: ['model'],
  conversation: ['model'],
  feed: ['model'],
  ingest: ['model', 'conversation'],
  retention: ['model', 'conversation', 'ingest'],
  segment: ['model'],
  security: ['model', 'protocol', 'env'],
  http: ['model', 'protocol', 'conversation', 'feed', 'ingest', 'security', 'env', 'hono', 'zod'],
  explorer: [
    'model',
    'client',
    'react',
    'react-dom',
    'wouter',
    '@tanstack/react-query',
    '@tanstack/react-virtual',
    '@xyflow/react',
    '@dagrejs/dagre',
    'uplot',
  ],
  env: ['model', 'conversation', 'feed', 'store', 'retention', 'security'],
  worker: ['model', 'protocol', 'store', 'conversation', 'feed', 'ingest', 'retention', 'segment', 'http', 'security', 'env'],
}

/** Packages and modules that a single file or folder may import beyond its layer. */
const EXCEPTIONS: Record<string, readonly string[]> = {
  'security/jwt.ts': ['jose'],
  'security/issuer-keys.ts': ['jose'],
  'store/postgres/': ['drizzle-orm', '@neondatabase/serverless'],
  'store/in-memory/development-history.ts': ['cloudflare:workers'],
  'conversation/conversation-object.ts': ['cloudflare:workers'],
  'feed/feed-object.ts': ['cloudflare:workers'],
  'worker.ts': ['cloudflare:workers', '../package.json'],
  'client/temporal/activity.ts': ['@temporalio/activity'],
  'client/temporal/workflow.ts': ['@temporalio/workflow'],
}

/** Parts that only types may be taken from. */
const TYPES_ONLY: Record<string, readonly string[]> = {
  ingest: ['conversation'],
  env: ['conversation', 'feed', 'store', 'retention', 'security'],
  retention: ['conversation'],
}

interface Import {
  readonly file: string
  readonly target: string
  readonly typeOnly: boolean
}

const IMPORT = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm
const TAKEN = /^(?:import|export)\s+([^'";]*?)\s+from\s+'(\.[^']+)'/gm
const EXPORTED_VALUE = /^export (?:async )?(?:const|function\*?|class) (\w+)/gm
const DYNAMIC_IMPORT = /\bimport\(\s*['"`]([^'"`]+)/g

async function importsOf(file: string): Promise<Import[]> {
  const text = await readFile(join(SRC, file), 'utf8')
  const found = [...text.matchAll(IMPORT)].map(([, type, name]) => ({ typeOnly: type !== undefined, name: name as string }))
  const dynamic = [...text.matchAll(DYNAMIC_IMPORT)].map(([, name]) => ({ typeOnly: false, name: name as string }))
  return [...found, ...dynamic].map(({ typeOnly, name }) => ({
    file,
    typeOnly,
    target: name.startsWith('.') ? normalize(join(dirname(file), name)) : name,
  }))
}

const files = (await readdir(SRC, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => relative(SRC, join(entry.parentPath, entry.name)))
const imports = (await Promise.all(files.map(importsOf))).flat()

/** The folder of a source file, or the file's own name at the top; of a package its name; what stands beside the source itself. */
function partOf(target: string): string {
  if (target.startsWith('../')) return target
  if (!/\.(ts|tsx|json)$/.test(target)) {
    const [scope = '', name = ''] = target.split('/')
    return scope.startsWith('@') ? `${scope}/${name}` : scope
  }
  const [first = ''] = target.split('/')
  return first.replace(/\.ts$/, '')
}

function isAllowed({ file, target }: Import): boolean {
  const part = partOf(file)
  if (part === partOf(target) || LAYERS[part]?.includes(partOf(target))) return true
  return Object.entries(EXCEPTIONS).some(([where, what]) => file.startsWith(where) && what.includes(partOf(target)))
}

const said = ({ file, target }: Import) => `${file} imports ${target}`

describe('the layers of the source', () => {
  it('are all known', () => {
    const parts = new Set(files.map(partOf).filter((part) => part !== 'local'))
    expect([...parts].filter((part) => !(part in LAYERS))).toEqual([])
    expect(imports.length).toBeGreaterThan(100)
  })

  it('import downwards only', () => {
    expect(imports.filter((one) => partOf(one.file) !== 'local' && !isAllowed(one)).map(said)).toEqual([])
  })

  it('take only types where values would bind them together', () => {
    const values = imports.filter(
      ({ file, target, typeOnly }) => !typeOnly && (TYPES_ONLY[partOf(file)] ?? []).includes(partOf(target)),
    )
    expect(values.map(said)).toEqual([])
  })

  it('do not know the scripts that run the store on one machine', () => {
    const outside = imports.filter(({ file, target }) => partOf(file) !== 'local' && partOf(target) === 'local')
    expect(outside.map(said)).toEqual([])
  })

  it('use Node only in those scripts', () => {
    expect(imports.filter(({ file, target }) => partOf(file) !== 'local' && target.startsWith('node:')).map(said)).toEqual([])
  })
})

/** Types are exported with the functions that take and give them. */
it('the source exports no value that nothing imports, but those of the package’s entries', async () => {
  const { exports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { exports: Record<string, string> }
  const entries = Object.values(exports).map(normalize)
  const taken = new Set<string>()
  const exported: [string, string][] = []
  for await (const file of glob(['src/**/*.{ts,tsx}', 'test/**/*.ts', 'bench/**/*.ts'], {
    cwd: ROOT,
    exclude: ['**/node_modules'],
  })) {
    const text = await readFile(join(ROOT, file), 'utf8')
    const take = (from: string, name: string) => taken.add(`${join(dirname(file), from)} ${name}`)
    for (const [, names = '', from = ''] of text.matchAll(TAKEN)) for (const [name] of names.matchAll(/\w+|\*/g)) take(from, name)
    for (const [, from = ''] of text.matchAll(DYNAMIC_IMPORT)) take(from, '*')
    if (file.startsWith('src') && !entries.includes(file))
      for (const [, name = ''] of text.matchAll(EXPORTED_VALUE)) exported.push([file, name])
  }
  expect(exported.length).toBeGreaterThan(100)
  expect(exported.filter(([file, name]) => !taken.has(`${file} ${name}`) && !taken.has(`${file} *`))).toEqual([])
})
