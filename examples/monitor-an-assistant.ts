import { type EventStore, monitorAssistant, type RequestSummary } from 'edge-event-store'

/** How an assistant request went: requests, responses, failures, success rate, durations, and what is unfinished. */
export async function monitorAssistantPerformance(store: EventStore, assistantRequestId: string): Promise<RequestSummary> {
  return monitorAssistant(await store.getAgentEvents(assistantRequestId))
}
