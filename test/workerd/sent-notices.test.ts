import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'
import type { Notice } from '../../src/conversation/rpc.ts'
import type { Bindings } from '../../src/env.ts'
import worker from '../../src/worker.ts'
import { sampleEvent } from '../conversation/samples.ts'
import { newId } from './http-support.ts'

/** The Worker with a queue that keeps what it is sent, call by call. */
function service() {
  const calls: string[][] = []
  const NOTICES = {
    async sendBatch(messages: Iterable<MessageSendRequest<Notice>>) {
      calls.push([...messages].map(({ body }) => `${body.tenant}/${body.conversation_id}`))
    },
  } as unknown as Queue<Notice>
  const bindings: Bindings = { ...env, NOTICES }
  const record = async (event_id: string, ...conversations: string[]) => {
    const events = conversations.map((conversation_id) =>
      sampleEvent({ event_id: `${event_id}@${conversation_id}`, conversation_id }),
    )
    const request = new Request<unknown, IncomingRequestCfProperties>('https://localhost/v1/events', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(events),
    })
    return (await worker.fetch(request, bindings, createExecutionContext())).status
  }
  return { calls, record }
}

it('the notices of requests that come together go to the queue with one call, one for each conversation that became dirty', async () => {
  vi.spyOn(console, 'info').mockImplementation(() => undefined)
  const { calls, record } = service()
  const [a, b, c] = [newId(), newId(), newId()]
  expect(await Promise.all([record('1', a), record('1', b, c), record('2', a)])).toEqual([201, 201, 201])
  await expect.poll(() => calls.length).toBe(1)
  expect(calls[0]?.toSorted()).toEqual([a, b, c].map((id) => `default/${id}`).toSorted())

  expect([await record('1', a), await record('3', a)]).toEqual([200, 201])
  await scheduler.wait(100)
  expect(calls.length).toBe(1)
})
