import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { chooseStore } from '../../examples/choose-a-store.ts'
import { connectEncrypted, copyForAnalysis, forget, UserKeys } from '../../examples/forget-a-person.ts'
import { monitorAssistantPerformance } from '../../examples/monitor-an-assistant.ts'
import { codec, type FeedbackGiven, giveFeedback, starsOf } from '../../examples/own-event-type.ts'
import { readMessages, rebuildConversationState } from '../../examples/rebuild-a-conversation.ts'
import { processRequest } from '../../examples/record-a-workflow.ts'
import { recordAndQuery } from '../../examples/record-and-query.ts'
import { connect, readOn, recordMany, recordOrKeep, timeOf } from '../../examples/record-over-http.ts'
import { HttpEventStore } from '../../src/client/index.ts'
import type { AgentEvent } from '../../src/model/agent-events.ts'
import type { EventStore } from '../../src/model/event-store.ts'
import {
  conversationMessages,
  invokeContext,
  isWorkflowFailed,
  message,
  monitorAssistant,
  toolInvoke,
} from '../../src/model/public.ts'
import { sampleRun } from '../../src/model/sample-run.ts'
import { seededRandom } from '../../src/model/sample-text.ts'
import { EventStoreConfigurationError, InMemoryEventStore, PostgresEventStore } from '../../src/store/index.ts'
import { startTestService, type TestService } from '../support/service.ts'

let service: TestService

beforeAll(async () => {
  service = await startTestService({ history: 'in-memory' })
})
afterAll(() => service?.stop())

interface Stores {
  plain(): EventStore
  withFeedback(): EventStore<FeedbackGiven>
}

const inMemory: Stores = {
  plain: () => new InMemoryEventStore(),
  withFeedback: () => new InMemoryEventStore({ codec }),
}
const throughHttp: Stores = {
  plain: () => new HttpEventStore({ url: service.url }),
  withFeedback: () => new HttpEventStore({ url: service.url, codec }),
}

describe.each([
  ['in memory', inMemory],
  ['through the service', throughHttp],
])('the examples, %s', (_where, stores) => {
  it('record and query', async () => {
    const found = await recordAndQuery(stores.plain(), 'greeting')
    expect(found.recorded).toMatchObject({ recorded: 2, duplicates: 0, conflicts: [] })
    expect(found.byId).toEqual(found.ofConversation[0])
    expect(found.ofRequest).toEqual(found.ofConversation)
    expect(found.ofConversation.map((event) => event.event_type)).toEqual(['ToolInvoke', 'ToolRespond', 'PublishToTopic'])
    expect(found.ofTopic).toEqual(found.ofConversation.slice(2))
    expect(found.responses).toEqual(found.ofConversation.slice(1, 2))
  })

  it('record a workflow that answers and one that fails', async () => {
    const store = stores.plain()
    await expect(processRequest(store, 'workflows', 'one?', async () => '1')).resolves.toBe('1')
    const failing = processRequest(store, 'workflows', 'two?', () => Promise.reject(new Error('it broke')))
    await expect(failing).rejects.toThrow('it broke')
    const events = await store.getConversationEvents('workflows')
    const types = ['WorkflowInvoke', 'WorkflowRespond', 'WorkflowInvoke', 'WorkflowFailed']
    expect(events.map((event) => event.event_type)).toEqual(types)
    expect(events.filter(isWorkflowFailed)[0]?.data.error).toBe('it broke')
  })

  it('rebuild a conversation', async () => {
    const store = stores.plain()
    await processRequest(store, 'rebuilt', 'one?', async () => '1')
    await processRequest(store, 'rebuilt', 'two?', () => Promise.reject(new Error('it broke'))).catch(() => {})
    expect((await readMessages(store, 'rebuilt')).map((message) => message.content)).toEqual(['one?', '1', 'two?'])
    const state = await rebuildConversationState(store, 'rebuilt')
    expect(state).toMatchObject({ events: 4, errors: ['it broke'] })
    expect(state.requests.length).toBe(2)
    expect(await rebuildConversationState(store, 'unknown')).toEqual({ events: 0, requests: [], errors: [] })
  })

  it('monitor an assistant', async () => {
    const store = stores.plain()
    const run = { conversationId: 'monitored', assistantRequestId: 'monitored-request', startedAt: new Date(0), turns: 1 }
    await store.recordEvents(sampleRun({ ...run, random: seededRandom(1) }))
    expect(await monitorAssistantPerformance(store, 'monitored-request')).toMatchObject({
      total_requests: 1,
      successful_responses: 1,
      failures: 0,
      success_rate: 1,
      unfinished: [],
    })
  })

  it('record events of an own type', async () => {
    const store = stores.withFeedback()
    const context = invokeContext({ conversation_id: 'feedback' })
    await giveFeedback(store, context, { stars: 4, comment: 'good' })
    await store.recordEvent(toolInvoke({ invoke_context: context, name: 'T', type: 'LLMTool', input_data: [] }))
    await giveFeedback(store, context, { stars: 5, comment: 'better' })
    expect(await starsOf(store, 'feedback')).toEqual([4, 5])
  })
})

describe('the numbers of the monitor', () => {
  it("are those of the service's summary", async () => {
    const store = throughHttp.plain()
    const run = {
      conversationId: 'summed',
      assistantRequestId: 'summed-request',
      startedAt: new Date(0),
      turns: 2,
      finished: false,
    }
    await store.recordEvents(sampleRun({ ...run, random: seededRandom(2) }))
    const summary = await monitorAssistantPerformance(store, 'summed-request')
    await expect
      .poll(async () => (await fetch(`${service.url}/v1/assistant-requests/summed-request/summary`)).json(), { timeout: 10_000 })
      .toEqual(summary)
  })
})

describe('the example that chooses a store', () => {
  it('chooses by the environment, and refuses production without a database', () => {
    expect(chooseStore({})).toBeInstanceOf(InMemoryEventStore)
    const production = { ENVIRONMENT: 'production', DATABASE_URL: 'postgresql://user:password@db.example/events' }
    expect(chooseStore(production)).toBeInstanceOf(PostgresEventStore)
    expect(() => chooseStore({ ENVIRONMENT: 'production' })).toThrow(EventStoreConfigurationError)
  })
})

describe('the examples of the client', () => {
  const event = () =>
    toolInvoke({
      invoke_context: invokeContext({ conversation_id: 'over-http' }),
      name: 'Search',
      type: 'Search',
      input_data: [],
    })

  it('record an event, or keep it for later', async () => {
    const kept: AgentEvent[] = []
    await recordOrKeep(connect(service.url), event(), kept)
    expect(kept).toEqual([])
    const away = new HttpEventStore({ url: 'http://127.0.0.1:1', retry: { attempts: 1 } })
    const late = event()
    await recordOrKeep(away, late, kept)
    expect(kept).toEqual([late])
  })

  it('record many single events, and read on from where they were left', async () => {
    const questions = Array.from({ length: 50 }, (_, i) => `question ${i}`)
    expect(await recordMany(service.url, 'many', questions)).toBe(50)
    const said = vi.spyOn(console, 'log').mockReturnValue()
    const store = connect(service.url)
    expect(await readOn(store, 'many', '20')).toBe('50')
    expect(await readOn(store, 'many', '50')).toBe('50')
    expect(said.mock.calls.map(([seq]) => seq)).toEqual(Array.from({ length: 30 }, (_, i) => 21 + i))
    said.mockRestore()
  })

  it('tell the time of a message', () => {
    expect(timeOf(message({ role: 'user', timestamp: 1756377611078069123n }))).toEqual(new Date(1756377611078))
  })
})

describe('the example that forgets a person', () => {
  it('reads what was said until the key is destroyed, then that something was said', async () => {
    const keys = new UserKeys()
    for (const user of ['ann', 'nobody']) keys.create(user)
    const store = connectEncrypted(service.url, keys)
    for (const user_id of ['ann', '']) {
      const invoke_context = invokeContext({ conversation_id: 'forgetful', user_id })
      const input_data = [message({ role: 'user', content: `this is ${user_id || 'nobody'}` })]
      await store.recordEvent(toolInvoke({ invoke_context, name: 'Search', type: 'Search', input_data }))
    }
    const contents = async () =>
      conversationMessages(await store.getConversationEvents('forgetful')).map(({ content }) => content)
    expect(await contents()).toEqual(['this is ann', 'this is nobody'])
    const warned = vi.spyOn(console, 'warn').mockReturnValue()
    forget(keys, 'ann')
    expect(await contents()).toEqual([expect.stringMatching(/^enc:v1:ann:/), 'this is nobody'])
    expect(warned.mock.calls).toEqual([['There is no key "ann": what it encrypted is left as it is']])
    warned.mockRestore()
  })

  it('makes copies without what was said', async () => {
    const run = { conversationId: 'analysed', assistantRequestId: 'analysed-request', startedAt: new Date(0), turns: 1 }
    const events = sampleRun({ ...run, random: seededRandom(3) })
    const copies = await copyForAnalysis(events, 'a secret of the caller')
    expect(copies.join()).not.toMatch(/analysed/)
    const [summary, copied] = [monitorAssistant(events), monitorAssistant(copies.map((text) => JSON.parse(text)))]
    expect(copied.durations).toEqual(summary.durations)
  })
})
