import { join } from 'node:path'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PublishSink, startPublishSink } from '../../support/publish-sink.ts'

let sink: PublishSink
let worker: Miniflare

beforeAll(async () => {
  sink = await startPublishSink()
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../../../examples/publishing/cloudflare-workflow.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    external: ['cloudflare:workers'],
  })
  worker = new Miniflare(
    convertV4MiniflareOptions({
      name: 'orders',
      modules: [{ type: 'ESModule', path: 'worker.mjs', contents: outputFiles[0]?.text ?? '' }],
      compatibilityDate: '2026-10-01',
      bindings: { EVENT_STORE_URL: sink.url },
      workflows: { ORDERS: { name: 'orders', className: 'OrderWorkflow' } },
      cf: false,
    }),
  )
})

afterAll(async () => {
  await worker?.dispose()
  await sink?.close()
})

/** The status of the workflow of this order, which is begun first. */
async function run(order: string): Promise<{ status: string; output?: unknown }> {
  const url = `http://worker.example/${order}`
  await worker.dispatchFetch(url, { method: 'POST' })
  for (;;) {
    const status = (await (await worker.dispatchFetch(url)).json()) as { status: string; output?: unknown }
    if (['complete', 'errored', 'terminated'].includes(status.status)) return status
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe('a Cloudflare Workflow', () => {
  it('publishes the start and end of its run and of every attempt of its steps, once each', async () => {
    expect(await run('order-1')).toMatchObject({ status: 'complete', output: 'order-1: sent for 12' })
    const told = sink.events.map(({ event_type, event_name, data, metadata }) => ({
      what: event_type === 'application_events' ? event_name : event_type,
      state: data?.state,
      activity: metadata.activity_id,
      attempt: metadata.attempt,
    }))
    expect(told).toEqual([
      { what: 'workflow_start', state: 'running' },
      { what: 'activity_start', state: 'running', activity: 'charge card-1', attempt: 1 },
      { what: 'activity_end', state: 'failed', activity: 'charge card-1', attempt: 1 },
      { what: 'activity_start', state: 'running', activity: 'charge card-1', attempt: 2 },
      { what: 'order.paid', activity: 'charge card-1', attempt: 2 },
      { what: 'activity_end', state: 'completed', activity: 'charge card-1', attempt: 2 },
      { what: 'activity_start', state: 'running', activity: 'send parcel-1', attempt: 1 },
      { what: 'activity_end', state: 'completed', activity: 'send parcel-1', attempt: 1 },
      { what: 'workflow_end', state: 'completed' },
    ])
    const [first] = sink.events
    expect(first?.metadata.workflow_run_id).toMatch(/^[0-9a-f-]{36}$/)
    for (const { metadata } of sink.events) {
      expect(metadata).toMatchObject({
        application_name: 'orders',
        workflow_type: 'orders',
        workflow_id: 'order-1',
        workflow_run_id: first?.metadata.workflow_run_id,
      })
    }
  })
})
