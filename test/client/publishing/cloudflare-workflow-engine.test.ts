import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { afterEach, describe, expect, it } from 'vitest'
import type { SunkEvent } from '../../support/publish-sink.ts'

/** Its step ends at once, and would be tried again after half a second. */
const WORKER = `
  import { WorkflowEntrypoint } from 'cloudflare:workers'
  import { EventPublisher } from './src/client/index.ts'
  import { trackWorkflowRun } from './src/client/publishing/cloudflare-workflow.ts'
  let charged = 0
  export class Orders extends WorkflowEntrypoint {
    run(event, engineStep) {
      return trackWorkflowRun(new EventPublisher({ url: this.env.URL }), event, engineStep, async (step) => {
        const attempt = await step.do('charge', { timeout: 500, retries: { limit: 3, delay: 1 } }, async ({ attempt }) => {
          charged++
          return attempt
        })
        return { attempt, charged }
      })
    }
  }
  export default {
    async fetch(request, env) {
      if (request.method === 'POST') await env.ORDERS.create({ id: 'order-1' })
      return Response.json(await (await env.ORDERS.get('order-1')).status())
    },
  }
`

describe('a tracked run in the engine of Cloudflare', () => {
  const opened: { readonly store: Server; readonly worker: Miniflare }[] = []
  afterEach(async () => {
    for (const { store, worker } of opened.splice(0)) {
      await worker.dispose()
      store.closeAllConnections()
      store.close()
    }
  })

  /** How the workflow ended, with a store that answers after so many milliseconds. */
  async function runWith({ answersAfterMs }: { answersAfterMs: number }) {
    const events: SunkEvent[] = []
    const store = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      events.push(JSON.parse(Buffer.concat(chunks).toString()))
      if (answersAfterMs < Infinity) setTimeout(() => response.writeHead(202).end('{}'), answersAfterMs)
    })
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve))
    const resolveDir = join(import.meta.dirname, '../../..')
    const { outputFiles } = await build({
      stdin: { contents: WORKER, resolveDir },
      bundle: true,
      write: false,
      format: 'esm',
      external: ['cloudflare:workers'],
    })
    const worker = new Miniflare(
      convertV4MiniflareOptions({
        name: 'orders',
        modules: [{ type: 'ESModule', path: 'worker.mjs', contents: outputFiles[0]?.text ?? '' }],
        compatibilityDate: '2026-10-01',
        bindings: { URL: `http://127.0.0.1:${(store.address() as AddressInfo).port}` },
        workflows: { ORDERS: { name: 'orders', className: 'Orders' } },
        cf: false,
      }),
    )
    opened.push({ store, worker })
    await worker.dispatchFetch('http://worker.example/', { method: 'POST' })
    for (;;) {
      const status = (await (await worker.dispatchFetch('http://worker.example/')).json()) as { status: string; output?: unknown }
      if (['complete', 'errored', 'terminated'].includes(status.status)) return { status, events }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  it('does its steps once although the store never answers', async () => {
    const { status } = await runWith({ answersAfterMs: Number.POSITIVE_INFINITY })
    expect(status).toMatchObject({ status: 'complete', output: { attempt: 1, charged: 1 } })
  })

  it("sends a step's end after the step's callback has ended, where the store is slow", async () => {
    const { status, events } = await runWith({ answersAfterMs: 400 })
    expect(status).toMatchObject({ status: 'complete', output: { attempt: 1, charged: 1 } })
    expect(events.map(({ event_name }) => event_name)).toEqual([
      'workflow_start',
      'activity_start',
      'activity_end',
      'workflow_end',
    ])
  })
})
