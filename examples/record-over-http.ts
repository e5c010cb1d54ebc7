import {
  type AgentEvent,
  EventPersistenceError,
  HttpEventStore,
  invokeContext,
  type Message,
  message,
  toolInvoke,
} from 'edge-event-store/client'

/** The store behind an address: in a browser, a Worker or Node. */
export function connect(url: string, apiKey?: string): HttpEventStore {
  return new HttpEventStore({ url, apiKey })
}

/** Records an event. The client has repeated what could be repeated before this tells that it was in vain. */
export async function recordOrKeep(store: HttpEventStore, event: AgentEvent, kept: AgentEvent[]): Promise<void> {
  try {
    await store.recordEvent(event, { signal: AbortSignal.timeout(30_000) })
  } catch (failure) {
    if (!(failure instanceof EventPersistenceError) || !failure.repeatIsSafe) throw failure
    // The service does not serve now. Whether the event is stored or not: recording it again later makes it one.
    kept.push(event)
  }
}

/** Records many single events as fast as batches: what is recorded within a few milliseconds shares a request. */
export async function recordMany(url: string, conversation_id: string, questions: readonly string[]): Promise<number> {
  await using store = new HttpEventStore({ url, buffer: true })
  const invoke_context = invokeContext({ conversation_id })
  const results = await Promise.all(
    questions.map((content) => {
      const input_data = [message({ role: 'user', content })]
      return store.recordEvent(toolInvoke({ invoke_context, name: 'SearchTool', type: 'SearchTool', input_data }))
    }),
  )
  return results.filter(({ recorded }) => recorded === 1).length
}

/** Follows a conversation from where it was left, page by page, without holding all of it. Answers where to go on. */
export async function readOn(store: HttpEventStore, conversationId: string, after: string): Promise<string> {
  let last = after
  for await (const { seq, cursor, event } of store.readConversation(conversationId, { after })) {
    console.log(seq, event.event_type)
    last = cursor
  }
  return last
}

/** A message's time is integer nanoseconds, which no number holds: it is read as a bigint, and written digit for digit. */
export function timeOf(message: Message): Date {
  return new Date(Number(BigInt(message.timestamp) / 1_000_000n))
}
