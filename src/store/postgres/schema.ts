import { bigint, boolean, inet, integer, json, jsonb, pgTable, smallint, text, timestamp, uuid } from 'drizzle-orm/pg-core'

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
  userId: text('user_id'),
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

export const audit = pgTable('audit', {
  id: uuid('id').notNull(),
  at: timestamp('at', { withTimezone: true, mode: 'string', precision: 3 }).notNull(),
  tenantId: text('tenant_id'),
  keyId: text('key_id'),
  subject: text('subject'),
  operation: text('operation').notNull(),
  resource: jsonb('resource'),
  count: bigint('count', { mode: 'number' }),
  outcome: text('outcome').notNull(),
  status: smallint('status').notNull(),
  address: inet('address'),
  country: text('country'),
  colo: text('colo'),
  userAgent: text('user_agent'),
  requestId: text('request_id').notNull(),
})

export const tenantSettings = pgTable('tenant_settings', {
  tenantId: text('tenant_id').notNull(),
  auditReads: boolean('audit_reads').notNull(),
})

export const apiKeys = pgTable('api_keys', {
  keyId: text('key_id').notNull(),
  position: bigint('position', { mode: 'bigint' }).notNull(),
  tenantId: text('tenant_id').notNull(),
  secretHash: text('secret_hash').notNull(),
  scopes: text('scopes').array().notNull(),
  applicationName: text('application_name'),
  createdAt: timestamp('created_at', { withTimezone: true, mode: 'string' }).notNull(),
  createdBy: text('created_by').notNull(),
  expiresAt: timestamp('expires_at', { withTimezone: true, mode: 'string' }),
  lastUsedAt: timestamp('last_used_at', { withTimezone: true, mode: 'string' }),
  revokedAt: timestamp('revoked_at', { withTimezone: true, mode: 'string' }),
})

export const activity = pgTable('activity', {
  tenantId: text('tenant_id').notNull(),
  minute: timestamp('minute', { withTimezone: true, mode: 'string' }).notNull(),
  events: bigint('events', { mode: 'number' }).notNull(),
  failures: bigint('failures', { mode: 'number' }).notNull(),
})

export const assistantRequests = pgTable('assistant_requests', {
  tenantId: text('tenant_id').notNull(),
  assistantRequestId: text('assistant_request_id').notNull(),
  position: bigint('position', { mode: 'bigint' }).notNull(),
  conversationId: text('conversation_id').notNull(),
  startedAt: timestamp('started_at', { withTimezone: true, mode: 'string' }).notNull(),
  lastEventAt: timestamp('last_event_at', { withTimezone: true, mode: 'string' }).notNull(),
  events: bigint('events', { mode: 'number' }).notNull(),
  failures: bigint('failures', { mode: 'number' }).notNull(),
  unfinished: boolean('unfinished').notNull(),
})

export const assistantRuns = pgTable('assistant_runs', {
  tenantId: text('tenant_id').notNull(),
  position: bigint('position', { mode: 'bigint' }).notNull(),
  name: text('name'),
  type: text('type'),
  beganAt: timestamp('began_at', { withTimezone: true, mode: 'string' }),
  endedAt: timestamp('ended_at', { withTimezone: true, mode: 'string' }),
  failed: boolean('failed'),
})
