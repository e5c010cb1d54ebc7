import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Notice } from '../../src/conversation/rpc.ts'
import type { Bindings } from '../../src/env.ts'
import worker from '../../src/worker.ts'
import { call, newId } from './http-support.ts'
import { Conversation, TENANT } from './support.ts'

const QUEUE = 'edge-event-store-segment'
const WITH_SEGMENT = { ...env, SEGMENT_WRITE_KEY: 'the-key', SEGMENT_HOST: 'http://127.0.0.1:1' }

async function deliver(queue: string, ids: readonly string[], bindings: Bindings) {
  const batch = createMessageBatch<string>(
    queue,
    ids.map((messageId, i) => ({
      id: String(i),
      timestamp: new Date(),
      attempts: 3,
      body: JSON.stringify({ type: 'track', messageId }),
    })),
  )
  await worker.queue(batch, bindings)
  return getQueueResult(batch, createExecutionContext())
}

function listen(level: 'warn' | 'error') {
  const spy = vi.spyOn(console, level).mockImplementation(() => undefined)
  return () => spy.mock.calls.map(([line]) => JSON.parse(line as string) as Record<string, unknown>)
}

describe('the queue for Segment', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('is sent in one request, with the key', async () => {
    const requests: { url: string; authorization: string | null; body: { batch: unknown[]; sentAt: string } }[] = []
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const request = new Request(input as RequestInfo, init as RequestInit)
      requests.push({ url: request.url, authorization: request.headers.get('Authorization'), body: await request.json() })
      return Response.json({ success: true })
    })
    const result = await deliver(QUEUE, ['a', 'b'], WITH_SEGMENT)
    expect(result).toMatchObject({ outcome: 'ok', retryMessages: [] })
    expect(requests).toMatchObject([
      {
        url: 'http://127.0.0.1:1/v1/batch',
        authorization: `Basic ${btoa('the-key:')}`,
        body: { batch: [{ messageId: 'a' }, { messageId: 'b' }], sentAt: expect.stringMatching(/Z$/) },
      },
    ])
  })

  it('is retried when Segment cannot be reached', async () => {
    const logged = listen('warn')
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('nobody listens'))
    const result = await deliver(QUEUE, ['a', 'b'], WITH_SEGMENT)
    expect(result.retryMessages).toMatchObject([{ msgId: '0' }, { msgId: '1' }])
    expect(logged()).toMatchObject([{ level: 'warn', events: 2 }])
    expect(JSON.stringify(logged())).not.toContain('the-key')
  })

  it('is dropped, with a line in the log, once the key is gone', async () => {
    const logged = listen('warn')
    const fetched = vi.spyOn(globalThis, 'fetch')
    const result = await deliver(QUEUE, ['a', 'b'], env)
    expect(result).toMatchObject({ outcome: 'ok', retryMessages: [] })
    expect(logged()).toMatchObject([{ level: 'warn', events: 2 }])
    expect(fetched).not.toHaveBeenCalled()
  })

  it('ends in the log for what was given up on', async () => {
    const logged = listen('error')
    const result = await deliver(`${QUEUE}-dead`, ['a', 'b'], WITH_SEGMENT)
    expect(result).toMatchObject({ outcome: 'ok', retryMessages: [] })
    expect(logged()).toMatchObject([{ message_id: 'a' }, { message_id: 'b' }])
  })
})

describe('the way to that queue', () => {
  /** Publishes a run, delivers it to the history, and gives what was queued for Segment before the object was told. */
  async function deliverRun(key: string | undefined) {
    const run = newId()
    const conversation = new Conversation(`workflow:${run}`)
    await conversation.quiet()
    const events = ['workflow_start', 'data.processed', 'workflow_end'].map((event_name) => ({
      event_type: 'application_events',
      event_name,
      metadata: { workflow_run_id: run },
    }))
    const headers = { 'Content-Type': 'application/json' }
    const { json } = await call('/v1/publish', { method: 'POST', headers, body: JSON.stringify(events) })
    const queued: { messageId: string; persisted: number }[] = []
    const sendBatch = async (messages: Iterable<MessageSendRequest<string>>) => {
      const { persisted_seq } = (await conversation.rpc.stat()) ?? {}
      for (const { body } of messages) queued.push({ messageId: JSON.parse(body).messageId, persisted: persisted_seq ?? -1 })
    }
    const body = { tenant: TENANT, conversation_id: conversation.id }
    const batch = createMessageBatch<Notice>('edge-event-store-notices', [{ id: '0', timestamp: new Date(), attempts: 1, body }])
    await worker.queue(batch, {
      ...env,
      SEGMENT_EVENTS: { sendBatch } as unknown as Queue<string>,
      ...(key === undefined ? {} : { SEGMENT_WRITE_KEY: key }),
    })
    expect(await conversation.rpc.stat()).toMatchObject({ persisted_seq: 3 })
    return { queued, ids: json.event_ids as string[] }
  }

  it('is taken by the lifecycle events alone, before the object is told that they are delivered', async () => {
    const { queued, ids } = await deliverRun('the-key')
    expect(queued).toEqual([ids[0], ids[2]].map((messageId) => ({ messageId, persisted: 0 })))
  })

  it('is closed without the key', async () => {
    expect((await deliverRun(undefined)).queued).toEqual([])
  })
})
