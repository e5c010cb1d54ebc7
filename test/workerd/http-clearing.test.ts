import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Notice } from '../../src/conversation/rpc.ts'
import worker from '../../src/worker.ts'
import { call, idsOf, newId, post } from './http-support.ts'
import { Conversation, TENANT } from './support.ts'

const clear = (headers: Record<string, string> = {}) => call(`/v1/events?confirm=${TENANT}`, { method: 'DELETE', headers })

/** Delivers a conversation's notice to the Worker as the queue does. */
async function deliver(conversation_id: string): Promise<void> {
  const batch = createMessageBatch<Notice>('edge-event-store-notices', [
    { id: newId(), timestamp: new Date(), attempts: 1, body: { tenant: TENANT, conversation_id } },
  ])
  const context = createExecutionContext()
  await worker.queue(batch, env)
  expect(await getQueueResult(batch, context)).toMatchObject({ retryMessages: [] })
}

describe('clearing a tenant', () => {
  // The first request composes the Worker, which takes the longest.
  beforeAll(async () => {
    await call('/healthz')
  })

  it.each(['', '?confirm=', '?confirm=other', '?confirm=Default'])('is refused without its name: %j', async (query) => {
    const [event_id, conversation_id] = [newId(), newId()]
    await post([{ event_id, conversation_id }])
    const answer = await call(`/v1/events${query}`, { method: 'DELETE' })
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ path: 'confirm' }] } })
    expect(idsOf(await call(`/v1/conversations/${conversation_id}/events`))).toEqual([event_id])
  })

  it('removes everything, and everything can be recorded again from 1', async () => {
    const [event_id, conversation_id] = [newId(), newId()]
    await post([{ event_id, conversation_id }], '?ack=persisted')
    const answer = await clear()
    expect(answer.status).toBe(200)
    expect(answer.json.cleared_conversations).toBeGreaterThanOrEqual(1)
    expect((await call('/v1/events')).json.items).toEqual([])
    expect((await call('/v1/conversations')).json.items).toEqual([])
    expect(await call(`/v1/conversations/${conversation_id}`)).toMatchObject({ status: 404 })
    expect((await call(`/v1/conversations/${conversation_id}/events`)).json.items).toEqual([])
    expect(await call(`/v1/events/${event_id}`)).toMatchObject({ status: 404 })
    const again = await post([{ event_id, conversation_id }], '?ack=persisted', answer.session)
    expect(again).toMatchObject({ status: 201, json: { recorded: 1, conversations: [{ first_seq: 1, last_seq: 1 }] } })
    expect(await call(`/v1/events/${event_id}`)).toMatchObject({ status: 200 })
  })

  it('reaches events that were never brought into the history, whoever recorded them', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('never-drained')
    const { session: headers } = await clear()
    await deliver(conversation.id)
    expect((await call('/v1/events', { headers })).json.items).toEqual([])
    expect((await call('/v1/conversations', { headers })).json.items).toEqual([])
    expect(await conversation.rpc.stat()).toBeNull()
    expect(await conversation.rpc.pending(1000)).toBeNull()
    expect(await conversation.record('never-drained')).toMatchObject({ recorded: 1, range: { first_seq: 1 } })
  })

  it('takes full pages out of the sight of those that know of it', async () => {
    const conversation_id = newId()
    const ids = [newId(), newId(), newId()]
    await post(ids.map((event_id) => ({ event_id, conversation_id })))
    const page = `/v1/conversations/${conversation_id}/events?limit=2`
    for (let i = 0; i < 3; i++) expect(idsOf(await call(page))).toEqual(ids.slice(0, 2))
    const { session: headers } = await clear()
    expect(idsOf(await call(page))).toEqual([])
    expect(idsOf(await call(page, { headers }))).toEqual([])
  })

  it('empties the quarantine', async () => {
    const event_id = newId()
    await post([{ event_id, conversation_id: newId() }], '?ack=persisted')
    await post([{ event_id, conversation_id: newId() }], '?ack=persisted')
    expect((await call('/v1/quarantine')).json.items).not.toEqual([])
    await clear()
    expect((await call('/v1/quarantine')).json.items).toEqual([])
  })
})
