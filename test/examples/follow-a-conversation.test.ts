import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followTopic, waitForAnswer, watchConversation } from '../../examples/follow-a-conversation.ts'
import { type AgentEvent, HttpEventStore } from '../../src/client/index.ts'
import { assistantInvoke, assistantRespond, invokeContext, publishToTopic } from '../../src/model/public.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

let service: TestService
let store: HttpEventStore

beforeAll(async () => {
  service = await startTestService({ history: 'in-memory' })
  store = new HttpEventStore({ url: service.url })
})
afterAll(() => service?.stop())

function run(conversation_id: string) {
  const invoke_context = invokeContext({ conversation_id })
  const input_data = publishToTopic({ invoke_context, name: 'questions', offset: 0, data: 'what?' })
  const invoke = assistantInvoke({ invoke_context, name: 'a', type: 'A', input_data })
  return { invoke, respond: assistantRespond({ invoke, output_data: [] }) }
}

function watcher() {
  const seen: string[] = []
  return {
    seen,
    show: ({ event_type }: AgentEvent) => void seen.push(event_type),
    isUpToDate: () => void seen.push('up to date'),
    isAway: () => void seen.push('away'),
    isOver: (reason: string) => void seen.push(reason),
  }
}

describe('the example that follows', () => {
  it('shows what there is and what comes, until the signal aborts', async () => {
    const { invoke, respond } = run('watched')
    await store.recordEvent(invoke)
    const controller = new AbortController()
    const watching = watcher()
    const watched = watchConversation(store, 'watched', watching, controller.signal)
    await waitFor('the first event', 20, async () => watching.seen.includes('up to date'))
    await store.recordEvent(respond)
    await waitFor('the second event', 20, async () => watching.seen.length >= 4)
    controller.abort()
    await watched
    expect(watching.seen).toEqual(['AssistantInvoke', 'up to date', 'AssistantRespond', 'up to date'])
  })

  it('says why it cannot', async () => {
    const elsewhere = new HttpEventStore({ url: `${service.url}/elsewhere` })
    const watching = watcher()
    await watchConversation(elsewhere, 'c', watching, new AbortController().signal)
    expect(watching.seen).toEqual([expect.stringContaining('live failed')])
  })

  it('waits for an answer', async () => {
    const { invoke, respond } = run('asked')
    const answer = waitForAnswer(store, 'asked')
    await store.recordEvent(invoke)
    await store.recordEvent(respond)
    expect((await answer)?.event_id).toBe(respond.event_id)
  })

  it('handles each event of a topic once, over restarts', async () => {
    const publish = (name: string, offset: number) => {
      const invoke_context = invokeContext({ conversation_id: 'c' })
      return store.recordEvent(publishToTopic({ invoke_context, name, offset, data: String(offset) }))
    }
    await publish('other', 0)
    for (const offset of [0, 1, 2, 3, 4]) await publish('news', offset)
    const place: { after?: string } = {}
    const handled: unknown[] = []
    for (const failsAt of [2, 4]) {
      const following = followTopic(store, 'news', place, async ({ data }) => {
        if (data === String(failsAt)) throw new Error('it broke')
        handled.push(data)
      })
      await expect(following).rejects.toThrow('it broke')
    }
    expect(handled).toEqual(['0', '1', '2', '3'])
  })
})
