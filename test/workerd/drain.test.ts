import { createExecutionContext, createMessageBatch, evictDurableObject, getQueueResult } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Notice } from '../../src/conversation/rpc.ts'
import { DevelopmentHistory } from '../../src/store/in-memory/development-history.ts'
import worker from '../../src/worker.ts'
import { call, idsOf, newId, post } from './http-support.ts'
import { Conversation, TENANT } from './support.ts'

function batchFor(queue: string, notices: readonly { conversation_id: string; attempts?: number }[]) {
  return createMessageBatch<Notice>(
    queue,
    notices.map(({ conversation_id, attempts = 1 }, i) => ({
      id: String(i),
      timestamp: new Date(),
      attempts,
      body: { tenant: TENANT, conversation_id },
    })),
  )
}

async function deliver(queue: string, notices: readonly { conversation_id: string; attempts?: number }[], bindings = env) {
  const batch = batchFor(queue, notices)
  await worker.queue(batch, bindings)
  return getQueueResult(batch, createExecutionContext())
}

const NOTICES = 'edge-event-store-notices'
const history = () => env.DEVELOPMENT_HISTORY.getByName('all')

/** Makes the history's next writes fail. */
function breakHistory(times: number): void {
  const append = vi.spyOn(DevelopmentHistory.prototype, 'append')
  for (let i = 0; i < times; i++) append.mockRejectedValueOnce(new Error('the history is away'))
}

describe('the way into the history', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('is taken by itself: the queue brings what was recorded', async () => {
    const conversation_id = newId()
    const ids = [newId(), newId()]
    await post(ids.map((event_id) => ({ event_id, conversation_id })))
    await expect
      .poll(async () => (await call(`/v1/conversations/${conversation_id}`)).json.persisted_seq, {
        timeout: 20_000,
        interval: 100,
      })
      .toBe(2)
    const feed = await call('/v1/events?limit=5000')
    expect(idsOf(feed).filter((id) => ids.includes(id))).toEqual(ids)
  })

  it('is taken once, however often a notice is delivered', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    const id = newId()
    await conversation.record(id)
    for (let i = 0; i < 3; i++) {
      const result = await deliver(
        NOTICES,
        [conversation, conversation].map((one) => ({ conversation_id: one.id })),
      )
      expect(result).toMatchObject({ outcome: 'ok', retryMessages: [] })
    }
    expect(idsOf(await call('/v1/events?limit=5000')).filter((one) => one === id)).toEqual([id])
    expect(await conversation.rpc.stat()).toMatchObject({ persisted_seq: 1 })
  })

  it('is tried again while the history fails, and loses nothing', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    const id = newId()
    await conversation.record(id)
    breakHistory(2)
    for (const attempts of [1, 2]) {
      const result = await deliver(NOTICES, [{ conversation_id: conversation.id, attempts }])
      expect(result.retryMessages).toMatchObject([{ msgId: '0' }])
      expect(await conversation.rpc.stat()).toMatchObject({ persisted_seq: 0 })
      expect(await conversation.ids()).toEqual([id])
    }
    expect((await deliver(NOTICES, [{ conversation_id: conversation.id, attempts: 3 }])).retryMessages).toEqual([])
    expect(await call(`/v1/events/${id}`)).toMatchObject({ status: 200 })
  })

  it('may be closed: recording goes on, what needs the history answers 503, and what was recorded arrives later', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    const [a, b] = [newId(), newId()]
    breakHistory(2)
    const persisted = await post([{ event_id: a, conversation_id: conversation.id }], '?ack=persisted')
    expect(persisted).toMatchObject({ status: 503, json: { type: 'urn:edge-event-store:problem:history-unavailable' } })
    const { session: headers, status } = await post([{ event_id: b, conversation_id: conversation.id }])
    expect(status).toBe(201)
    expect(idsOf(await call(`/v1/conversations/${conversation.id}/events`))).toEqual([a, b])
    expect(await call(`/v1/events/${b}`, { headers })).toMatchObject({ status: 503 })
    expect(await call(`/v1/events/${b}`, { headers })).toMatchObject({ status: 200, json: { seq: 2 } })
  })

  it('ends for a notice in the log when it was given up on', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const result = await deliver('edge-event-store-notices-dead', [{ conversation_id: 'given-up', attempts: 21 }])
    expect(result).toMatchObject({ outcome: 'ok', retryMessages: [] })
    const line = JSON.parse(logged.mock.calls[0]?.[0] as string) as Record<string, unknown>
    expect(line).toMatchObject({ level: 'error', tenant: TENANT, conversation_id: 'given-up', attempts: 21 })
  })

  it('waits as a whole while the service is not configured', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const bindings = { ...env, ENVIRONMENT: 'production' }
    const result = await deliver(NOTICES, [{ conversation_id: 'c' }], bindings)
    expect(result.retryBatch).toMatchObject({ retry: true })
  })
})

describe('the history of development', () => {
  it('remembers over restarts what it was given, text for text', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    const ids = [newId(), newId()]
    await conversation.append(ids.map((event_id, i) => ({ event_id, note: `${'-'.repeat(i)}${'😀'.repeat(400_000)}` })))
    const { text } = await conversation.read()
    await deliver(NOTICES, [{ conversation_id: conversation.id }])
    await evictDurableObject(history())
    await conversation.trim()
    const answer = await call(`/v1/conversations/${conversation.id}/events`)
    expect(answer.text === text).toBe(true)
  })
})
