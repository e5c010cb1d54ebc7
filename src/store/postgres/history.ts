import type { EventHistory } from '../../model/history.ts'
import type { Timing } from '../../model/timers.ts'
import { append } from './append.ts'
import { assistantRequestEvents } from './assistant-request-events.ts'
import { clear, clearConversations } from './clear.ts'
import { clearInSteps } from './clear-in-steps.ts'
import { connect } from './connection.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { conversationEvents } from './conversation-events.ts'
import { conversations } from './conversations.ts'
import { conversationsOfEvents } from './conversations-of-events.ts'
import { dropEmptied } from './drop-emptied.ts'
import { event } from './event.ts'
import { expiredConversations } from './expired-conversations.ts'
import { feed } from './feed.ts'
import { followFeed } from './follow-feed.ts'
import { activity } from './monitor/activity.ts'
import { assistants } from './monitor/assistants.ts'
import { unfinished } from './monitor/unfinished.ts'
import { maintain } from './partitions.ts'
import { quarantine } from './quarantine.ts'
import { quarantined } from './quarantined.ts'
import { ready } from './ready.ts'
import { topicEvents } from './topic-events.ts'

/**
 * The history in PostgreSQL, reached over HTTP with Neon's driver; `migrations/` must have been applied. Opens nothing until it is
 * called. A tenant has one way of writing: this history, or `PostgresEventStore`, which numbers events by itself; never both.
 *
 * The role of `options` needs the rights of `event_store_worker`; that of `maintenance`, which erases and makes partitions ahead,
 * those of `event_store_maintenance`. Without `maintenance` one role does all.
 */
export function createPostgresHistory(
  options: ConnectionOptions,
  maintenance: ConnectionOptions = options,
  timing?: Timing,
): EventHistory {
  const connection = connect(options, timing)
  const upkeep = connect(maintenance, timing)
  return {
    append: (batches) => append(connection, batches),
    quarantine: (refused) => quarantine(connection, refused),
    quarantined: (tenant, page) => quarantined(connection, tenant, page),
    event: (tenant, eventId) => event(connection, tenant, eventId),
    conversationsOfEvents: (tenant, eventIds) => conversationsOfEvents(connection, tenant, eventIds),
    feed: (tenant, query) => feed(connection, tenant, query),
    followFeed: (tenant, query) => followFeed(connection, tenant, query),
    conversations: (tenant, page) => conversations(connection, tenant, page),
    conversationEvents: (tenant, id, query) => conversationEvents(connection, tenant, id, query),
    assistantRequestEvents: (tenant, id, page) => assistantRequestEvents(connection, tenant, id, page),
    topicEvents: (tenant, topic, page) => topicEvents(connection, tenant, topic, page),
    activity: (tenant, query) => activity(connection, tenant, query),
    assistants: (tenant, range) => assistants(connection, tenant, range),
    unfinished: (tenant, query) => unfinished(connection, tenant, query),
    clear: (tenant, marker) => clear(upkeep, tenant, marker),
    clearConversations: (tenant, ids, marker) => clearConversations(upkeep, tenant, ids, marker),
    clearInSteps: (tenant, ids, marker) => clearInSteps(connection, upkeep, tenant, ids, marker),
    expiredConversations: (marker, after, limit) => expiredConversations(connection, marker, after, limit),
    dropEmptied: (marker) => dropEmptied(upkeep, marker),
    ready: () => ready(connection),
    maintain: (now) => maintain(upkeep, now),
  }
}
