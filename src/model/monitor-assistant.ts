import { rebuildState } from './rebuild-state.ts'
import { type RequestSummary, type RequestSummaryBuilder, requestSummaryBuilder } from './request-summary.ts'

/**
 * How the assistants of these events fared: `total_requests`, `successful_responses`, `failures`, `success_rate` (0 to 1),
 * `durations` of each family's finished components in milliseconds, and the `unfinished` invokes. Takes the events of an
 * assistant request, or of several, in the order of recording, as a store's lists or iterators give them. The service's summary of a request is made by the same
 * code, so the numbers are the same.
 */
export function monitorAssistant(events: Iterable<unknown>): RequestSummary
export function monitorAssistant(events: AsyncIterable<unknown>): Promise<RequestSummary>
export function monitorAssistant(events: Iterable<unknown> | AsyncIterable<unknown>): RequestSummary | Promise<RequestSummary> {
  const summary = requestSummaryBuilder()
  if (Symbol.asyncIterator in events) return rebuildState(events, add, summary).then((built) => built.finish())
  return rebuildState(events, add, summary).finish()
}

function add(summary: RequestSummaryBuilder, event: unknown): RequestSummaryBuilder {
  summary.add(event)
  return summary
}
