import { describe, expect, it } from 'vitest'
import { type AgentEvent, conversationMessages, HttpEventStore, monitorAssistant, rebuildState } from '../../src/client/index.ts'
import { eventGraph } from '../../src/model/event-graph.ts'
import { stringifyJson } from '../../src/model/json.ts'
import { sampleRun } from '../../src/model/sample-run.ts'
import { seededRandom } from '../../src/model/sample-text.ts'

const run = sampleRun({
  conversationId: 'c',
  assistantRequestId: 'r',
  startedAt: new Date('2025-08-28T10:40:11.078Z'),
  turns: 2,
  finished: true,
  random: seededRandom(1),
})

const items = run.map((event, i) => `{"seq":${i + 1},"cursor":"${i + 1}","recorded_at":"","event":${stringifyJson(event)}}`)
const fetch = async () => new Response(`{"items":[${items.join(',')}],"next_cursor":null}`)
const store = new HttpEventStore({ url: 'http://service.invalid', fetch })

describe('what the iterators give', () => {
  it('is taken by everything that takes events', async () => {
    const [messages, summary, graph] = [conversationMessages(run), monitorAssistant(run), eventGraph(run)]
    expect([messages.length, summary.total_requests, graph.nodes.length].every((count) => count > 0)).toBe(true)
    expect(await conversationMessages(store.readConversation('c'))).toEqual(messages)
    expect(await monitorAssistant(store.readAssistantRequest('r'))).toEqual(summary)
    expect(await eventGraph(store.readEvents())).toEqual(graph)
    const list = await Array.fromAsync(store.readEvents())
    expect(conversationMessages(list)).toEqual(messages)
    expect(monitorAssistant(list)).toEqual(summary)
    expect(eventGraph(list)).toEqual(graph)
  })

  it('is folded event by event, and typed so', async () => {
    const types = await rebuildState(
      store.readConversation('c'),
      (seen: string[], event) => {
        const typed: AgentEvent = event
        return [...seen, typed.event_type]
      },
      [],
    )
    expect(types).toEqual(run.map((event) => event.event_type))
  })
})
