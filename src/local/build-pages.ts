import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/*
 * Puts the pages that ship with the Worker into dist/public. The API document is rendered by Swagger UI from the
 * package's own files, so that no request leaves the service's origin.
 */

const root = join(import.meta.dirname, '../..')
const target = join(root, 'dist/public/docs')
const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

await rm(target, { recursive: true, force: true })
await mkdir(target, { recursive: true })
for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png', 'LICENSE', 'NOTICE']) {
  await cp(join(swagger, file), join(target, file))
}
await writeFile(join(target, 'index.html'), await readFile(join(root, 'src/http/docs/index.html')))
await writeFile(join(target, 'docs.js'), await readFile(join(root, 'src/http/docs/docs.js')))
