import { bigint, integer, json, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/*
 * The columns that queries name; `migrations/` holds the definitions. Big integers are read as text: they are cursors.
 */

export const events = pgTable('events', {
  id: bigint('id', { mode: 'bigint' }).notNull(),
  tenantId: text('tenant_id').notNull(),
  eventId: text('event_id').notNull(),
  conversationId: text('conversation_id').notNull(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  assistantRequestId: text('assistant_request_id'),
  eventType: text('event_type').notNull(),
  eventName: text('event_name'),
  topicName: text('topic_name'),
  topicOffset: integer('topic_offset'),
  timestamp: timestamp('timestamp', { withTimezone: true, mode: 'string' }).notNull(),
  recordedAt: timestamp('recorded_at', { withTimezone: true, mode: 'string' }).notNull(),
  event: json('event').notNull(),
  eventBytes: integer('event_bytes').notNull(),
})

export const conversations = pgTable('conversations', {
  tenantId: text('tenant_id').notNull(),
  conversationId: text('conversation_id').notNull(),
  headSeq: bigint('head_seq', { mode: 'number' }).notNull(),
  eventCount: bigint('event_count', { mode: 'number' }).notNull(),
  firstAt: timestamp('first_at', { withTimezone: true, mode: 'string' }).notNull(),
  lastAt: timestamp('last_at', { withTimezone: true, mode: 'string' }).notNull(),
  activity: bigint('activity', { mode: 'bigint' }).notNull(),
})

export const quarantine = pgTable('quarantine', {
  position: bigint('position', { mode: 'bigint' }).notNull(),
  tenantId: text('tenant_id').notNull(),
  conversationId: text('conversation_id').notNull(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  recordedAt: timestamp('recorded_at', { withTimezone: true, mode: 'string' }).notNull(),
  eventId: text('event_id').notNull(),
  code: text('code').notNull(),
  reason: text('reason').notNull(),
  setAsideAt: timestamp('set_aside_at', { withTimezone: true, mode: 'string' }).notNull(),
  event: text('event').notNull(),
  eventBytes: integer('event_bytes').notNull(),
  eventType: text('event_type'),
  assistantRequestId: text('assistant_request_id'),
  topicName: text('topic_name'),
  topicOffset: text('topic_offset'),
})
