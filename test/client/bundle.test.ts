import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { read } from '../docs/markdown.ts'
import { eventText } from '../support/events.ts'

const ROOT = join(import.meta.dirname, '../..')

/** Everything, and the store by itself. Without zod, which applications have anyway. The page on the client tells both. */
const MAX_GZIPPED_BYTES = 26_400
const MAX_STORE = 16_400

/** Of the store with as much of zod as it needs: without its other languages. */
const MAX_STORE_WITH_ZOD = 45_000

/** Of the monitor, which checks no events and needs no zod. */
const MAX_MONITOR = 4_300

const STORE = "export { HttpEventStore, EventCodec, EventPersistenceError } from './src/client/index.ts'"
const ALL = "export * from './src/client/index.ts'"
const MONITOR = "export * from './src/client/monitor/index.ts'"

async function bundle(contents: string, options: BuildOptions = {}) {
  const { outputFiles = [], metafile } = await build({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    external: ['zod'],
    absWorkingDir: ROOT,
    ...options,
  })
  const [file] = outputFiles
  const [output] = Object.values(metafile?.outputs ?? {})
  if (!file || !output) throw new Error('nothing was built')
  return {
    code: file.text,
    gzipped: gzipSync(file.contents).byteLength,
    imports: [...new Set(output.imports.map(({ path }) => path))],
    inputs: Object.keys(output.inputs),
  }
}

const TARGETS: [string, BuildOptions][] = [
  ['a browser', { platform: 'browser' }],
  ['a Worker', { platform: 'neutral', conditions: ['workerd', 'worker', 'browser'] }],
]

describe.each(TARGETS)('the client, bundled for %s', (_, options) => {
  it('imports nothing but zod', async () => {
    const { imports, inputs } = await bundle(ALL, options)
    expect(imports).toEqual(['zod'])
    expect(inputs.filter((file) => file.includes('node_modules'))).toEqual([])
  })

  it(`is below ${MAX_GZIPPED_BYTES} bytes with everything in it`, async () => {
    const { gzipped, inputs } = await bundle(ALL, options)
    expect(inputs).toContain('src/client/http-event-store.ts')
    expect(inputs).toContain('src/client/publishing/event-publisher.ts')
    expect(gzipped).toBeLessThan(MAX_GZIPPED_BYTES)
  })

  it(`is below ${MAX_STORE} bytes with the store alone, live reading included`, async () => {
    const { gzipped, inputs } = await bundle(STORE, options)
    expect(inputs).toContain('src/client/live/follow.ts')
    expect(gzipped).toBeLessThan(MAX_STORE)
  })

  it(`takes no more of zod than it needs: the store is below ${MAX_STORE_WITH_ZOD} bytes with it`, async () => {
    const { gzipped, inputs } = await bundle(STORE, { ...options, external: [] })
    expect(inputs.some((file) => file.includes('node_modules/zod/'))).toBe(true)
    expect(gzipped).toBeLessThan(MAX_STORE_WITH_ZOD)
  })

  it('leaves out the store where an application uses the publisher, and the other way round', async () => {
    const publisher = await bundle("export { EventPublisher } from './src/client/index.ts'", options)
    expect(publisher.inputs).toContain('src/client/publishing/event-publisher.ts')
    expect(publisher.code).not.toContain('getConversationEvents')
    expect(publisher.code).not.toContain('Last-Event-ID')
    expect((await bundle(STORE, options)).code).not.toContain('/v1/publish')
  })
})

describe.each(TARGETS)('the monitor, bundled for %s', (_, options) => {
  it(`is below ${MAX_MONITOR} bytes, with no other package in it`, async () => {
    const { gzipped, imports, inputs } = await bundle(MONITOR, { ...options, external: [] })
    expect(inputs).toContain('src/client/monitor/event-monitor.ts')
    expect(imports).toEqual([])
    expect(gzipped).toBeLessThan(MAX_MONITOR)
  })
})

/** What browsers and Workers have. */
const WEB = {
  ...{ AbortController, AbortSignal, DOMException, Headers, Request, Response, TextDecoder, TextEncoder, URL, URLSearchParams },
  ...{ atob, btoa, clearInterval, clearTimeout, console, performance, setInterval, setTimeout },
}

it('the page on the client tells how large it is', () => {
  for (const bytes of [MAX_GZIPPED_BYTES, MAX_STORE])
    expect(read('docs/client.md')).toContain(`less than ${bytes.toLocaleString('en-US')}`)
})

describe('the bundled client', () => {
  it('records, reads and reads live where there is nothing of Node', async () => {
    const { code } = await bundle(ALL, { format: 'iife', globalName: 'client', external: [], platform: 'browser' })
    const text = eventText({ conversation: 'c', id: 'x' })
    const item = `{"seq":1,"cursor":"1","recorded_at":"","event":${text}}`
    const fetch = async (url: string, { method }: RequestInit) => {
      if (method === 'POST') return Response.json({ recorded: 1, duplicates: 0, conflicts: [], conversations: [] })
      if (!url.endsWith('/live')) return new Response(`{"items":[${item}],"next_cursor":null}`)
      const headers = { 'Content-Type': 'text/event-stream' }
      return new Response(`event: event\nid: 1\ndata: ${item}\n\n`, { headers })
    }
    const context = createContext({ ...WEB, fetch, text })
    const run = `(async () => {
      const store = new client.HttpEventStore({ url: 'http://service.invalid', buffer: true })
      await store.recordEvent(text)
      const seen = []
      for await (const { event } of store.readEvents()) seen.push(event.event_id)
      for await (const { event } of store.live('c')) { seen.push('live ' + event.event_id); break }
      await store.close()
      return seen.join()
    })()`
    runInContext(code, context)
    expect(await runInContext(run, context)).toBe('x,live x')
    expect(runInContext('typeof process + typeof Buffer + typeof require', context)).toBe('undefined'.repeat(3))
  })
})
