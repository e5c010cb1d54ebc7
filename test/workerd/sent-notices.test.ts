import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'
import type { AppendRequest, Notice } from '../../src/conversation/rpc.ts'
import type { Bindings } from '../../src/env.ts'
import { appendBatches } from '../../src/http/append-batches.ts'
import type { AppDeps } from '../../src/http/context.ts'
import type { ConversationBatch } from '../../src/http/conversation-batches.ts'
import { conversationsOf } from '../../src/http/conversations.ts'
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
  await expect.poll(() => calls.flat().toSorted()).toEqual([a, b, c].map((id) => `default/${id}`).toSorted())
  expect(calls.length).toBeLessThan(3)

  expect([await record('1', a), await record('3', a)]).toEqual([200, 201])
  await scheduler.wait(100)
  expect(calls.flat().length).toBe(3)
})

/** Objects that break for the first `breaks` calls, whether or not they recorded before that. */
function breakingObjects(breaks: number) {
  const noticed: Notice[] = []
  let calls = 0
  const stub = {
    async append() {
      calls += 1
      if (calls <= breaks) throw Object.assign(new Error('the object was moved'), { retryable: true })
      return { outcome: 'recorded', recorded: 0, fresh: [], duplicates: 1, conflicts: [], range: null, through_seq: 1 }
    },
  }
  const namespace = { getByName: () => stub } as unknown as Bindings['CONVERSATIONS']
  const conversations = conversationsOf(
    namespace,
    async () => undefined,
    (notice) => noticed.push(notice),
  )
  return { noticed, append: () => conversations('t', 'c').append({} as AppendRequest) }
}

it.each([
  [0, 0],
  [1, 1],
  [2, 1],
])(
  'after %d tries of an append whose answers were lost there are %d notices of what they may have recorded',
  async (breaks, notices) => {
    const { noticed, append } = breakingObjects(breaks)
    expect(await append()).toMatchObject({ outcome: 'recorded' })
    expect(noticed).toEqual(Array.from({ length: notices }, () => ({ tenant: 't', conversation_id: 'c' })))
  },
)

it('a request ends when all its conversations have answered, whichever fails', async () => {
  const answered: string[] = []
  const deps = {
    conversations: (_tenant: string, id: string) => ({
      async append() {
        if (id === 'broken') throw new Error('the object is away')
        await scheduler.wait(20)
        answered.push(id)
        return { outcome: 'recorded' }
      },
    }),
  } as unknown as AppDeps
  const batches = ['a', 'broken', 'b'].map((conversation_id) => ({ conversation_id }) as ConversationBatch)
  const options = { on_conflict: 'report', check_only: false, list_fresh: false, partly: true } as const
  await expect(appendBatches({ deps, tenant: 't' }, batches, options)).rejects.toThrow('the object is away')
  expect(answered).toEqual(['a', 'b'])
})
