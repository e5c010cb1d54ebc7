import { join } from 'node:path'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { LiveServer } from './live-server.ts'

const server = new LiveServer()
let worker: Miniflare

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'worker-that-reads-live.ts')],
    bundle: true,
    write: false,
    format: 'esm',
  })
  worker = new Miniflare(
    convertV4MiniflareOptions({
      name: 'reading',
      modules: [{ type: 'ESModule', path: 'worker.mjs', contents: outputFiles[0]?.text ?? '' }],
      compatibilityDate: '2026-10-01',
      bindings: { URL: await server.start() },
      cf: false,
    }),
  )
})
afterAll(async () => {
  await worker?.dispose()
  await server.stop()
})
afterEach(() => waitFor('the end of the connections', 20, async () => server.readers === 0))

const ask = async (query: string) => (await worker.dispatchFetch(`http://worker.test/?${query}`)).json()

it('a Worker reads live, over connections that end and break', async () => {
  server.record(3)
  const answer = ask('count=5')
  await waitFor('the reader', 20, async () => server.readers === 1)
  server.cut()
  await waitFor('the reader', 20, async () => server.readers === 1)
  server.end()
  await waitFor('the reader', 20, async () => server.readers === 1)
  server.record(2)
  expect(await answer).toEqual([1, 2, 3, 4, 5])
})

it('a Worker leaves a live read that waits, by a return or a signal', async () => {
  server.record(5 - server.head)
  expect(await ask('count=5&leave=waiting')).toEqual([1, 2, 3, 4, 5, true, 'aborted'])
})
