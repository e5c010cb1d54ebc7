import { checkGraph, checkSummaries } from './demo-computed.ts'
import type { DemoConversation, DemoEvent } from './demo-conversation.ts'
import type { Output } from './demo-output.ts'
import type { DemoItem, DemoService } from './demo-service.ts'

/** What one way of reading found. */
export interface ReadBackRow {
  readonly by: string
  readonly requests: number
  /** What was found, in words. */
  readonly found: string
  /** Null, or how it differs from what was sent. */
  readonly fault: string | null
  readonly ms: number
}

type Finding = Omit<ReadBackRow, 'by' | 'ms'>

/** Reads a recorded conversation by every key there is. `start` is where the feed ended before it was recorded. */
export async function readBack(
  service: DemoService,
  conversation: DemoConversation,
  start: string,
  output: Output,
): Promise<ReadBackRow[]> {
  const path = `/v1/conversations/${encodeURIComponent(conversation.id)}`
  const ways: readonly [string, () => Promise<Finding>][] = [
    ['event id', () => byEventId(service, conversation)],
    ['conversation', async () => compare(await service.items(`${path}/events`), conversation.events, 1)],
    ['assistant request', () => byAssistantRequest(service, conversation)],
    ['topic and offset', () => byTopic(service, conversation)],
    ['feed of all events', () => inFeed(service, conversation, start)],
    ['event graph', () => checkGraph(service, conversation)],
    ['request summary', () => checkSummaries(service, conversation)],
    ['counters', async () => counters(await service.json(path), conversation)],
    ['list of conversations', () => inList(service, conversation)],
  ]
  const progress = output.progress('reading back', ways.length)
  const rows: ReadBackRow[] = []
  for (const [by, read] of ways) {
    const began = performance.now()
    const finding = await read()
    rows.push({ by, ...finding, ms: performance.now() - began })
    progress.at(rows.length)
  }
  progress.end()
  return rows
}

async function byEventId(service: DemoService, { events }: DemoConversation): Promise<Finding> {
  const items: DemoItem[] = []
  for (const { id } of events) items.push(await service.item(`/v1/events/${encodeURIComponent(id)}`))
  return compare(items, events, events.length)
}

async function byAssistantRequest(service: DemoService, { runs, events }: DemoConversation): Promise<Finding> {
  const items: DemoItem[] = []
  for (const { requestId } of runs) {
    items.push(...(await service.items(`/v1/assistant-requests/${encodeURIComponent(requestId)}/events`)))
  }
  return compare(items, events, runs.length)
}

/** Every run counts a topic's offsets from 0, so an offset names one event of each run that came that far. */
async function byTopic(service: DemoService, { id, events }: DemoConversation): Promise<Finding> {
  const byName = Map.groupBy(
    events.filter((event) => event.topic !== null),
    (event) => event.topic?.name ?? '',
  )
  const items: DemoItem[] = []
  for (const [name, published] of byName) {
    const offsets = [...new Set(published.map((event) => event.topic?.offset))].join(',')
    const query = new URLSearchParams({ offsets, conversation_id: id })
    items.push(...(await service.items(`/v1/topics/${encodeURIComponent(name)}/events?${query}`)))
  }
  return compare(items, [...byName.values()].flat(), byName.size)
}

/** Others may record meanwhile: theirs are passed over. */
async function inFeed(service: DemoService, { events }: DemoConversation, start: string): Promise<Finding> {
  const sent = new Set(events.map((event) => event.text))
  const items = await service.items(`/v1/events?after=${start}`)
  return compare(
    items.filter((item) => sent.has(item.text)),
    events,
    1,
  )
}

function counters(answer: unknown, { events }: DemoConversation): Finding {
  const { head_seq, event_count } = answer as { head_seq: number; event_count: number }
  const right = head_seq === events.length && event_count === events.length
  const found = `head ${head_seq}, ${event_count} events`
  return { requests: 1, found, fault: right ? null : `${events.length} events were recorded, the counters say ${found}` }
}

async function inList(service: DemoService, { id, events }: DemoConversation): Promise<Finding> {
  const { items } = (await service.json('/v1/conversations')) as { items: { conversation_id: string; event_count: number }[] }
  const place = items.findIndex((item) => item.conversation_id === id)
  const count = items[place]?.event_count
  if (count === events.length) return { requests: 1, found: `place ${place + 1}`, fault: null }
  return { requests: 1, found: 'nothing', fault: `${id} with ${events.length} events is not among the newest ${items.length}` }
}

function compare(items: readonly DemoItem[], expected: readonly DemoEvent[], requests: number): Finding {
  const found = `${items.length} events`
  if (items.length !== expected.length) return { requests, found, fault: `${expected.length} events were expected` }
  const wrong = items.findIndex((item, i) => item.text !== expected[i]?.text)
  return {
    requests,
    found,
    fault: wrong === -1 ? null : `event ${expected[wrong]?.id} is not what was sent, or not in its place`,
  }
}
