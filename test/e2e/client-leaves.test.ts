import { connect } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, type Json, Log, LogLevel, Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'
import { eventText } from '../support/events.ts'
import { waitFor } from '../support/wait-for.ts'

const root = join(import.meta.dirname, '../..')

let worker: Miniflare
let url: URL

/* Straight from its socket: the proxies of the development server would hide that a client has left. */
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/worker.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['workerd'],
    external: ['cloudflare:*', 'node:*'],
  })
  const { bindings, assets: _assets, modulesRules: _rules, ...options } = readWorkerOptions('wrangler.toml').workerOptions
  worker = new Miniflare(
    convertV4MiniflareOptions({
      ...options,
      bindings: bindings as Record<string, Json>,
      modules: [{ type: 'ESModule', path: 'worker.mjs', contents: outputFiles[0]?.text ?? '' }],
      unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
      log: new Log(LogLevel.NONE),
      logRequests: false,
      handleStructuredLogs: () => undefined,
      cf: false,
    }),
  )
  url = await worker.unsafeGetDirectURL()
})
afterAll(() => worker?.dispose())

async function ask(path: string, init: RequestInit = {}) {
  const answer = await fetch(new URL(path, url), init)
  return JSON.parse(await answer.text())
}

/** Sends a request, and resets its connection after this time. What came back by then. */
async function leave(head: string, ms: number): Promise<string> {
  const socket = connect(Number(url.port), url.hostname)
  let received = ''
  socket.on('error', () => undefined)
  socket.on('data', (data) => {
    received += data
  })
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write(`${head} HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: client-that-left\r\n\r\n`)
  await new Promise((resolve) => setTimeout(resolve, ms))
  socket.resetAndDestroy()
  return received
}

describe('a client that leaves before it is answered', () => {
  it('has cleared the tenant whole, and stands in the audit log', async () => {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' } }
    const body = eventText({ conversation: 'left', id: 'of-who-left' })
    expect(await ask('/v1/events?ack=persisted', { ...init, body })).toMatchObject({ recorded: 1 })
    // A clearing waits for the clocks before it goes to the objects.
    expect(await leave('DELETE /v1/events?confirm=default', 100)).toBe('')
    const entry = await waitFor('the entry of the clearing', 10, async () => {
      const { items } = await ask('/v1/audit?operation=DELETE%20/v1/events')
      return items.length > 0 ? items[0] : null
    })
    expect(entry).toMatchObject({ request_id: 'client-that-left', outcome: 'ok', status: 200, count: 1 })
    expect((await ask('/v1/conversations/left/events')).items).toEqual([])
    expect((await ask('/v1/events')).items).toEqual([])
  })
})
