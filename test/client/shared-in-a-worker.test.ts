import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventText } from '../support/events.ts'
import { FakeService } from './fake-service.ts'

const { outputFiles } = await build({
  entryPoints: [join(import.meta.dirname, 'worker-with-a-store.ts')],
  bundle: true,
  write: false,
  format: 'esm',
})

let worker: Miniflare
let service: FakeService
let server: Server
/** Milliseconds that the service takes for what is asked of the history. */
let slowness = 0

beforeEach(async () => {
  service = new FakeService()
  slowness = 0
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString()
    if (request.method === 'GET') await new Promise((resolve) => setTimeout(resolve, slowness))
    const session = request.headers['event-store-session']
    const answer = await service.fetch(`http://service.test${request.url}`, {
      method: request.method ?? 'GET',
      headers: typeof session === 'string' ? { 'Event-Store-Session': session } : {},
      body: body === '' ? null : body,
    })
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  worker = new Miniflare(
    convertV4MiniflareOptions({
      name: 'sharing',
      modules: [{ type: 'ESModule', path: 'worker.mjs', contents: outputFiles[0]?.text ?? '' }],
      compatibilityDate: '2026-10-01',
      bindings: { URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      cf: false,
    }),
  )
})
afterEach(async () => {
  await worker.dispose()
  server.closeAllConnections()
  server.close()
})

const texts = (ids: readonly string[]) => ids.map((id) => eventText({ conversation: id, id }))

async function ask(store: string, what: { record?: string[]; read?: string[] }) {
  const answer = await worker.dispatchFetch(`http://worker.test/${store}`, { method: 'POST', body: JSON.stringify(what) })
  return answer.ok ? ((await answer.json()) as object) : { failed: answer.status, text: (await answer.text()).slice(0, 200) }
}

const idsOf = (count: number, name = 'c') => Array.from({ length: count }, (_, i) => `${name}-${i}`)

describe('a store that the requests of a Worker share', () => {
  it('reads what it wrote to very many conversations, in whichever request', async () => {
    slowness = 100
    const ids = idsOf(400)
    for (let at = 0; at < ids.length; at += 40) {
      expect(await ask('plain', { record: texts(ids.slice(at, at + 40)) })).toEqual({ recorded: 40, read: [] })
    }
    expect(await ask('plain', { read: ['c-0', 'c-399'] })).toEqual({ recorded: 0, read: ['c-0', 'c-399'] })
  })

  it('reads in a request although the one that brought its writes was given up', async () => {
    await ask('plain', { record: texts(['a', 'b']) })
    slowness = 60_000
    const controller = new AbortController()
    const given = worker
      .dispatchFetch('http://worker.test/plain', {
        method: 'POST',
        body: JSON.stringify({ read: ['a'] }),
        signal: controller.signal,
      })
      .catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 300))
    controller.abort()
    await given
    slowness = 0
    expect(await ask('plain', { read: ['b'] })).toEqual({ recorded: 0, read: ['b'] })
  })

  it('answers all requests whose events went together from a buffer', async () => {
    for (let round = 0; round < 5; round++) {
      const ids = idsOf(5, `round-${round}`)
      const answers = await Promise.all(ids.map((id) => ask('buffered', { record: texts([id]) })))
      expect(answers).toEqual(ids.map(() => ({ recorded: 1, read: [] })))
    }
  })
})
