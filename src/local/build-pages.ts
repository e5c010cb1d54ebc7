import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { buildExplorer } from './build-explorer.ts'

/*
 * Puts the pages that ship with the Worker into dist/public: the explorer at /, and the API document, which Swagger UI
 * renders from the package's own files, so that no request leaves the service's origin.
 */

const root = join(import.meta.dirname, '../..')
const build = join(root, 'dist')
const target = join(build, 'public/docs')
const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const own = join(root, 'src/http/docs')

const pages = new Map([
  ...['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png', 'LICENSE', 'NOTICE'].map(
    (file) => [file, join(swagger, file)] as const,
  ),
  ...['index.html', 'docs.js'].map((file) => [file, join(own, file)] as const),
])

await mkdir(target, { recursive: true })
for (const [file, source] of pages) await put(await readFile(source), join(target, file))
for (const file of await readdir(target)) if (!pages.has(file)) await rm(join(target, file))
await buildExplorer({ root, put })

/** Several builds may run at once, and services read the folder meanwhile: a file is there as a whole at every moment. */
async function put(content: Buffer, path: string): Promise<void> {
  const present = await readFile(path).catch(() => null)
  if (present?.equals(content)) return
  const whole = join(build, `page-${process.pid}-${crypto.randomUUID()}`)
  await writeFile(whole, content)
  await rename(whole, path)
}
