import type { KeyDirectory } from '../../model/api-keys.ts'
import type { AuditLog } from '../../model/audit.ts'
import { EventPersistenceError } from '../../model/errors.ts'
import type { EventHistory } from '../../model/history.ts'
import type { DevelopmentHistory } from './development-history.ts'

/** The development history as the rest of the Worker sees it: one object, its failures in the store's own error. */
export function developmentHistoryOf(namespace: DurableObjectNamespace<DevelopmentHistory>): EventHistory {
  const call = <T>(operation: keyof EventHistory, run: (stub: EventHistory) => Promise<T>) =>
    // The types of RPC stubs wrap every answer; what arrives are plain values.
    answered(operation, () => run(namespace.getByName('all') as unknown as EventHistory))
  return {
    append: (batches) => call('append', (stub) => stub.append(batches)),
    quarantine: (event) => call('quarantine', (stub) => stub.quarantine(event)),
    quarantined: (tenant, page) => call('quarantined', (stub) => stub.quarantined(tenant, page)),
    event: (tenant, eventId) => call('event', (stub) => stub.event(tenant, eventId)),
    conversationsOfEvents: (tenant, eventIds) =>
      call('conversationsOfEvents', (stub) => stub.conversationsOfEvents(tenant, eventIds)),
    feed: (tenant, query) => call('feed', (stub) => stub.feed(tenant, query)),
    followFeed: (tenant, query) => call('followFeed', (stub) => stub.followFeed(tenant, query)),
    conversations: (tenant, page) => call('conversations', (stub) => stub.conversations(tenant, page)),
    conversationEvents: (tenant, id, query) => call('conversationEvents', (stub) => stub.conversationEvents(tenant, id, query)),
    assistantRequestEvents: (tenant, id, page) =>
      call('assistantRequestEvents', (stub) => stub.assistantRequestEvents(tenant, id, page)),
    topicEvents: (tenant, topic, page) => call('topicEvents', (stub) => stub.topicEvents(tenant, topic, page)),
    activity: (tenant, query) => call('activity', (stub) => stub.activity(tenant, query)),
    assistants: (tenant, range) => call('assistants', (stub) => stub.assistants(tenant, range)),
    unfinished: (tenant, query) => call('unfinished', (stub) => stub.unfinished(tenant, query)),
    clear: (tenant, marker) => call('clear', (stub) => stub.clear(tenant, marker)),
    clearConversations: (tenant, ids, marker) =>
      call('clearConversations', (stub) => stub.clearConversations(tenant, ids, marker)),
    clearInSteps: (tenant, ids, marker) => call('clearInSteps', (stub) => stub.clearInSteps(tenant, ids, marker)),
    expiredConversations: (marker, after, limit) =>
      call('expiredConversations', (stub) => stub.expiredConversations(marker, after, limit)),
    dropEmptied: (marker) => call('dropEmptied', (stub) => stub.dropEmptied(marker)),
    ready: () => call('ready', (stub) => stub.ready()),
    maintain: (now) => call('maintain', (stub) => stub.maintain(now)),
  }
}

type KeyMethods = Pick<DevelopmentHistory, 'findKey' | 'createKey' | 'listKeys' | 'revokeKey' | 'touchKey' | 'anyUsableKey'>

/** The keys in the same object. */
export function developmentKeysOf(namespace: DurableObjectNamespace<DevelopmentHistory>): KeyDirectory {
  const call = <T>(operation: string, run: (stub: KeyMethods) => Promise<T>) =>
    answered(operation, () => run(namespace.getByName('all') as unknown as KeyMethods))
  return {
    find: (keyId) => call('find a key', (stub) => stub.findKey(keyId)),
    create: (key) => call('create a key', (stub) => stub.createKey(key)),
    list: (tenant, page) => call('list keys', (stub) => stub.listKeys(tenant, page)),
    revoke: (tenant, keyId) => call('revoke a key', (stub) => stub.revokeKey(tenant, keyId)),
    touch: (keyId, at) => call('touch a key', (stub) => stub.touchKey(keyId, at)),
    anyUsable: () => call('look for a key', (stub) => stub.anyUsableKey()),
  }
}

type AuditMethods = Pick<DevelopmentHistory, 'appendAudit' | 'readAudit' | 'recordsReads'>

/** The audit log in the same object. */
export function developmentAuditLogOf(namespace: DurableObjectNamespace<DevelopmentHistory>): AuditLog {
  const call = <T>(operation: string, run: (stub: AuditMethods) => Promise<T>) =>
    answered(operation, () => run(namespace.getByName('all') as unknown as AuditMethods))
  return {
    append: (entries) => call('appendAudit', (stub) => stub.appendAudit(entries)),
    read: (tenant, query) => call('readAudit', (stub) => stub.readAudit(tenant, query)),
    recordsReads: () => call('recordsReads', (stub) => stub.recordsReads()),
  }
}

async function answered<T>(operation: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw new EventPersistenceError(`${operation} failed: the development history did not answer`, {
      operation,
      transient: true,
      cause,
    })
  }
}
