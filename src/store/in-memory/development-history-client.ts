import { EventPersistenceError } from '../../model/errors.ts'
import type { EventHistory } from '../../model/history.ts'
import type { DevelopmentHistory } from './development-history.ts'

/** The development history as the rest of the Worker sees it: one object, its failures in the store's own error. */
export function developmentHistoryOf(namespace: DurableObjectNamespace<DevelopmentHistory>): EventHistory {
  const call = async <T>(operation: keyof EventHistory, run: (stub: EventHistory) => Promise<T>): Promise<T> => {
    try {
      // The types of RPC stubs wrap every answer; what arrives are plain values.
      return await run(namespace.getByName('all') as unknown as EventHistory)
    } catch (cause) {
      throw new EventPersistenceError(`${operation} failed: the development history did not answer`, {
        operation,
        transient: true,
        cause,
      })
    }
  }
  return {
    append: (batches) => call('append', (stub) => stub.append(batches)),
    quarantine: (event) => call('quarantine', (stub) => stub.quarantine(event)),
    quarantined: (tenant, page) => call('quarantined', (stub) => stub.quarantined(tenant, page)),
    event: (tenant, eventId) => call('event', (stub) => stub.event(tenant, eventId)),
    conversationsOfEvents: (tenant, eventIds) =>
      call('conversationsOfEvents', (stub) => stub.conversationsOfEvents(tenant, eventIds)),
    feed: (tenant, query) => call('feed', (stub) => stub.feed(tenant, query)),
    conversations: (tenant, page) => call('conversations', (stub) => stub.conversations(tenant, page)),
    conversationEvents: (tenant, id, query) => call('conversationEvents', (stub) => stub.conversationEvents(tenant, id, query)),
    assistantRequestEvents: (tenant, id, page) =>
      call('assistantRequestEvents', (stub) => stub.assistantRequestEvents(tenant, id, page)),
    topicEvents: (tenant, topic, page) => call('topicEvents', (stub) => stub.topicEvents(tenant, topic, page)),
    clear: (tenant, marker) => call('clear', (stub) => stub.clear(tenant, marker)),
    ready: () => call('ready', (stub) => stub.ready()),
    maintain: (now) => call('maintain', (stub) => stub.maintain(now)),
  }
}
