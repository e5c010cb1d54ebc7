import { type AgentEvent, EventPersistenceError, type HttpEventStore } from 'edge-event-store/client'

/** What someone who watches a conversation wants to know. */
export interface Watcher {
  show(event: AgentEvent): void
  /** All that there is has been shown; what comes now is new. */
  isUpToDate(): void
  /** The connection was lost. Nothing needs to be done about it. */
  isAway(reason: string): void
  /** It is over: the watcher has no right to read this, for instance. */
  isOver(reason: string): void
}

/** Shows a conversation as it goes on, for as long as the signal lets it: in a page for as long as that is open. */
export async function watchConversation(
  store: HttpEventStore,
  conversationId: string,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<void> {
  try {
    const live = store.live(conversationId, {
      signal,
      onUpToDate: () => watcher.isUpToDate(),
      onRetry: ({ message }) => watcher.isAway(message),
    })
    for await (const { event } of live) watcher.show(event)
  } catch (failure) {
    if (signal.aborted) return
    if (!(failure instanceof EventPersistenceError)) throw failure
    watcher.isOver(failure.message)
  }
}

/** Waits for the answer of an assistant that works elsewhere. Breaking off the loop closes the connection. */
export async function waitForAnswer(store: HttpEventStore, conversationId: string): Promise<AgentEvent | null> {
  for await (const { event } of store.live(conversationId)) {
    if (event.event_type === 'AssistantRespond' || event.event_type === 'AssistantFailed') return event
  }
  return null
}

/** Handles each event of a topic once, over restarts of its own: it keeps the place behind the last one that it has handled. */
export async function followTopic(
  store: HttpEventStore,
  topicName: string,
  place: { after?: string },
  handle: (event: AgentEvent) => Promise<void>,
): Promise<void> {
  for await (const { cursor, event } of store.liveEvents({ topicName, after: place.after })) {
    await handle(event)
    place.after = cursor
  }
}
