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
    expect(logged()).toContainEqual(expect.objectContaining({ level: 'warn', events: 2 }))
    expect(fetched).not.toHaveBeenCalled()
  })

  it('waits while the settings are wrong, and the log tells that once, without the key', async () => {
    const [warned, failed] = [listen('warn'), listen('error')]
    const fetched = vi.spyOn(globalThis, 'fetch')
    const wrong = { ...WITH_SEGMENT, SEGMENT_WRITE_KEY: 'the key', SEGMENT_HOST: 'api.segment.io' }
    for (let i = 0; i < 2; i++) {
      const result = await deliver(QUEUE, ['a', 'b'], wrong)
      expect(result.retryMessages).toMatchObject([{ msgId: '0' }, { msgId: '1' }])
    }
    expect(failed()).toMatchObject([{ problems: expect.stringMatching(/SEGMENT_WRITE_KEY.*SEGMENT_HOST/) }])
    expect(warned().filter(({ events }) => events === 2)).toHaveLength(2)
    expect(JSON.stringify([failed(), warned()])).not.toContain('the key')
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
  afterEach(() => {
    vi.restoreAllMocks()
  })

  interface Queued {
    readonly messageId: string
    /** As far as the object knew of its delivery at that time. */
    readonly persisted: number
  }

  /** A run of three events that nobody delivers in the background, and the queue that its notices lead to. */
  async function publishRun() {
    const run = newId()
    const conversation = new Conversation(`workflow:${run}`)
    await conversation.quiet()
    const events = ['workflow_start', 'data.processed', 'workflow_end'].map((event_name) => ({
      event_type: 'application_events',
      event_name,
      metadata: { workflow_run_id: run },
    }))
    const headers = { 'Content-Type': 'application/json' }
    const { json, session } = await call('/v1/publish', { method: 'POST', headers, body: JSON.stringify(events) })
    const queued: Queued[] = []
    const queue = { isAway: false }
    const sendBatch = async (messages: Iterable<MessageSendRequest<string>>) => {
      if (queue.isAway) throw new Error('the queue is away')
      const { persisted_seq } = (await conversation.rpc.stat()) ?? {}
      for (const { body } of messages) queued.push({ messageId: JSON.parse(body).messageId, persisted: persisted_seq ?? -1 })
    }
    /** Delivers the run's notice. */
    const notice = async (settings: Partial<Bindings>, attempts = 1) => {
      const body = { tenant: TENANT, conversation_id: conversation.id }
      const batch = createMessageBatch<Notice>('edge-event-store-notices', [{ id: '0', timestamp: new Date(), attempts, body }])
      await worker.queue(batch, { ...env, SEGMENT_EVENTS: { sendBatch } as unknown as Queue<string>, ...settings })
      return getQueueResult(batch, createExecutionContext())
    }
    const persisted = async () => (await conversation.rpc.stat())?.persisted_seq
    return { ids: json.event_ids as string[], session, queued, queue, notice, persisted }
  }

  it('is taken by the lifecycle events alone, before the object is told that they are delivered', async () => {
    const { ids, queued, notice, persisted } = await publishRun()
    await notice({ SEGMENT_WRITE_KEY: 'the-key' })
    expect(queued).toEqual([ids[0], ids[2]].map((messageId) => ({ messageId, persisted: 0 })))
    expect(await persisted()).toBe(3)
  })

  it.each([{}, { SEGMENT_WRITE_KEY: 'not a key' }])('is closed with the settings %j, and delivery goes on', async (settings) => {
    listen('error')
    const { queued, notice, persisted } = await publishRun()
    expect((await notice(settings)).retryMessages).toEqual([])
    expect(queued).toEqual([])
    expect(await persisted()).toBe(3)
  })

  it('may be blocked: the events are readable, the object is not told, and the notice comes until the queue serves', async () => {
    const warned = listen('warn')
    const { ids, session, queued, queue, notice, persisted } = await publishRun()
    const settings = { SEGMENT_WRITE_KEY: 'the-key' }
    queue.isAway = true
    for (const attempts of [1, 2]) {
      const result = await notice(settings, attempts)
      expect(result.retryMessages).toMatchObject([{ msgId: '0' }])
      expect(await persisted()).toBe(0)
    }
    expect((await call(`/v1/events/${ids[2]}`)).status).toBe(200)
    expect(warned()).toContainEqual(expect.objectContaining({ conversations: 1, cause: 'Error: the queue is away' }))
    queue.isAway = false
    expect((await notice(settings, 3)).retryMessages).toEqual([])
    expect(queued.map(({ messageId }) => messageId)).toEqual([ids[0], ids[2]])
    expect(await persisted()).toBe(3)
    expect((await call(`/v1/events/${ids[0]}`, { headers: session })).status).toBe(200)
  })

  it('is not waited for beyond the last of its attempts', async () => {
    const failed = listen('error')
    listen('warn')
    const { queue, notice, persisted } = await publishRun()
    queue.isAway = true
    expect((await notice({ SEGMENT_WRITE_KEY: 'the-key' }, 12)).retryMessages).toEqual([])
    expect(await persisted()).toBe(3)
    expect(failed()).toContainEqual(expect.objectContaining({ events: 2, cause: 'Error: the queue is away' }))
  })
})
