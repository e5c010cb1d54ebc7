import { type AgentEvent, conversationMessages, type EventStore, isAnyFailed, type Message, rebuildState } from 'edge-event-store'

export interface ConversationState {
  readonly events: number
  readonly requests: readonly string[]
  readonly errors: readonly string[]
}

const EMPTY: ConversationState = { events: 0, requests: [], errors: [] }

function apply(state: ConversationState, event: AgentEvent): ConversationState {
  const { events, requests, errors } = state
  const request = event.assistant_request_id
  return {
    events: events + 1,
    requests: requests.includes(request) ? requests : [...requests, request],
    errors: isAnyFailed(event) ? [...errors, event.data.error] : errors,
  }
}

/** Whatever an application wants to know of a conversation: its own state, folded from the events in the order of recording. */
export async function rebuildConversationState(store: EventStore, conversationId: string): Promise<ConversationState> {
  return rebuildState(await store.getConversationEvents(conversationId), apply, EMPTY)
}

/** What was said in a conversation. */
export async function readMessages(store: EventStore, conversationId: string): Promise<Message[]> {
  return conversationMessages(await store.getConversationEvents(conversationId))
}
