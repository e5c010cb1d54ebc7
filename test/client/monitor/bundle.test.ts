import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

it('the monitor brings neither the store nor the publisher, and imports nothing but zod', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(import.meta.dirname, '../../../src/client/monitor/index.ts')],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    external: ['zod'],
  })
  const [code = ''] = outputFiles.map(({ text }) => text)
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
  expect([...new Set(imported)]).toEqual(['zod'])
  expect(code).toContain('/v1/monitor/activity')
  for (const part of ['/v1/publish', 'confirm=', 'AssistantInvoke']) expect(code).not.toContain(part)
})
