import { type Activity, EventMonitor, EventPersistenceError, type UnfinishedRequest } from 'edge-event-store/monitor'

export function connectMonitor(url: string, apiKey?: string): EventMonitor {
  return new EventMonitor({ url, apiKey })
}

/** The share of the last day's events that tell of a failure, hour by hour. */
export async function failuresByHour(monitor: EventMonitor, now: Date): Promise<Map<string, number>> {
  const since = new Date(now.getTime() - 24 * 3600 * 1000)
  const { points }: Activity = await monitor.activity({ since, until: now, step: 3600 })
  return new Map(points.map(({ at, events, failures }) => [at, failures / events]))
}

/** A line an assistant: how often it was asked, how often it failed, and what 19 of 20 runs stay below. */
export async function assistantLines(monitor: EventMonitor, since: Date, until: Date): Promise<string[]> {
  const { assistants } = await monitor.assistants({ since, until })
  return assistants.map(
    ({ name, requests, failures, duration_ms }) => `${name}: ${requests} asked, ${failures} failed, ${duration_ms.p95 ?? '-'} ms`,
  )
}

/** The assistant requests of a range that seem to be stuck: nothing was recorded of them for ten minutes. */
export async function stuckRequests(monitor: EventMonitor, since: Date, until: Date): Promise<UnfinishedRequest[]> {
  const stuck: UnfinishedRequest[] = []
  for await (const request of monitor.unfinished({ since, until })) {
    if (until.getTime() - Date.parse(request.last_event_at) > 600_000) stuck.push(request)
  }
  return stuck
}

/** The ids of the workflows' runs that were active last. */
export async function latestRuns(monitor: EventMonitor): Promise<string[]> {
  const { items } = await monitor.conversations({ kind: 'application', limit: 20 })
  return items
    .map(({ conversation_id }) => conversation_id)
    .filter((id) => id.startsWith('workflow:'))
    .map((id) => id.slice('workflow:'.length))
}

/** What a page that shows these says when it cannot. */
export function explain(error: unknown): string {
  if (!(error instanceof EventPersistenceError)) throw error
  switch (error.kind) {
    case 'unauthenticated':
      return 'The key does not hold.'
    case 'forbidden':
      return 'The key may not read events.'
    case 'range-too-large':
      return 'Choose a shorter range.'
    default:
      return error.transient ? 'The service cannot be reached at the moment.' : error.message
  }
}
