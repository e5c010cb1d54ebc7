import * as z from 'zod'
import { AUDIT_OUTCOMES, type AuditPage } from '../model/audit.ts'
import type { EventGraph } from '../model/event-graph.ts'
import { TOPIC_EVENT_TYPES } from '../model/event-types.ts'
import type { RequestSummary } from '../model/request-summary.ts'
import { SCOPES } from '../model/scopes.ts'

const time = z.iso.datetime().meta({ description: 'ISO 8601 in UTC, milliseconds' })
const ids = z.array(z.string())
const nextCursor = z.string().nullable().meta({
  description: "Send as the next `after`. Null: there is nothing more now; a follower goes on from the last item's `cursor`",
})

export const StoredEvent = z
  .looseObject({ event_id: z.string(), event_type: z.string() })
  .meta({ id: 'StoredEvent', description: 'The event exactly as it was sent, digit for digit' })

export const Item = z
  .object({
    seq: z.int().meta({ description: 'Position in the conversation: 1, 2, 3, ...' }),
    cursor: z.string(),
    recorded_at: time,
    event: StoredEvent,
  })
  .meta({ id: 'Item' })
export type Item = z.infer<typeof Item>

export const Page = z.object({ items: z.array(Item), next_cursor: nextCursor }).meta({ id: 'Page' })
export type Page = z.infer<typeof Page>

export const ConversationRange = z.object({
  conversation_id: z.string(),
  first_seq: z.int(),
  last_seq: z.int(),
})

export const EventOutcome = z
  .object({
    event_id: z.string(),
    outcome: z.enum(['recorded', 'duplicate', 'conflict']),
    seq: z.int().nullable().meta({ description: 'Where it stands; null for a conflict' }),
  })
  .meta({ id: 'EventOutcome' })
export type EventOutcome = z.infer<typeof EventOutcome>

export const RecordAnswer = z
  .object({
    recorded: z.int().meta({ description: 'Events that are new' }),
    duplicates: z.int().meta({ description: 'Events that were recorded before with the same content' }),
    conflicts: z.array(z.string()).meta({ description: 'Ids that stand with other content. Those events were not recorded' }),
    conversations: z
      .array(ConversationRange)
      .meta({ description: "Where the request's events stand, new and repeated ones, so a repeat gives the same answer" }),
    events: z
      .array(EventOutcome)
      .optional()
      .meta({ description: 'With `list=events`: each event, in order within its conversation' }),
  })
  .meta({ id: 'RecordAnswer' })
export type RecordAnswer = z.infer<typeof RecordAnswer>

const conversationMembers = { conversation_id: z.string(), head_seq: z.int() }
const activityMembers = { event_count: z.int(), first_at: time, last_at: time }

export const PublishAnswer = z
  .object({
    published: z.int().meta({ description: 'Events of the request that are stored, now or by an earlier request' }),
    event_ids: ids.meta({ description: 'Of each event of the request, in its order' }),
    conflicts: ids.optional().meta({ description: 'Ids that stand with other content. Those events were not stored' }),
  })
  .meta({ id: 'PublishAnswer' })
export type PublishAnswer = z.infer<typeof PublishAnswer>

export const Conversation = z
  .object({
    ...conversationMembers,
    persisted_seq: z.int().meta({ description: 'Up to here everything is in Postgres' }),
    ...activityMembers,
  })
  .meta({ id: 'Conversation' })
export type Conversation = z.infer<typeof Conversation>

export const ConversationList = z
  .object({
    items: z.array(z.object({ ...conversationMembers, ...activityMembers, cursor: z.string() })),
    next_cursor: nextCursor,
  })
  .meta({ id: 'ConversationList' })
export type ConversationList = z.infer<typeof ConversationList>

export const QuarantineList = z
  .object({
    items: z.array(
      z.object({
        cursor: z.string(),
        conversation_id: z.string(),
        seq: z.int(),
        event_id: z.string(),
        recorded_at: time,
        set_aside_at: time,
        code: z.string().meta({ description: 'SQLSTATE of the refusal, or `duplicate-event-id`' }),
        reason: z.string(),
        event: StoredEvent,
      }),
    ),
    next_cursor: nextCursor,
  })
  .meta({ id: 'QuarantineList' })

const auditText = z.string().nullable()

const AuditItem = z
  .object({
    cursor: z.string(),
    id: z.uuid(),
    at: time.meta({ description: 'When the request arrived' }),
    key_id: auditText.meta({ description: 'Public part of the API key' }),
    subject: auditText.meta({ description: 'The `sub` of the token' }),
    operation: z
      .string()
      .meta({ description: 'Method and path of the operation, or a command as it is typed', example: 'DELETE /v1/events' }),
    resource: z
      .record(z.string(), z.string())
      .nullable()
      .meta({ description: 'Ids that the request named or made, by what they are ids of' }),
    count: z.int().nullable().meta({ description: 'Events or other things that were read, changed or removed' }),
    outcome: z.enum(AUDIT_OUTCOMES),
    status: z.int().meta({ description: 'HTTP status of the answer' }),
    from: z.object({
      address: auditText.meta({ description: 'IP address' }),
      country: auditText,
      colo: auditText.meta({ description: 'Data centre that took the request' }),
      user_agent: auditText.meta({ description: 'Products and versions, without comments' }),
    }),
    request_id: z.string(),
  })
  .meta({ id: 'AuditEntry' }) satisfies z.ZodType<AuditPage['items'][number]>

export const AuditList = z.object({ items: z.array(AuditItem), next_cursor: nextCursor }).meta({ id: 'AuditList' })

export const ClearConversationAnswer = z
  .object({ conversation_id: z.string(), removed_events: z.int() })
  .meta({ id: 'ClearConversationAnswer' })

export const ClearAnswer = z.object({ cleared_conversations: z.int() }).meta({ id: 'ClearAnswer' })

const keyMembers = {
  key_id: z.string().meta({ description: 'The public part of the key' }),
  scopes: z.array(z.enum(SCOPES)),
  application_name: z.string().nullable(),
  created_at: time,
  created_by: z.string().meta({ description: '`key:<key id>`, `subject:<sub of a token>`, `development` or `command`' }),
  expires_at: time.nullable(),
  last_used_at: time.nullable().meta({ description: 'To the minute' }),
  revoked_at: time.nullable(),
}

export const ApiKey = z.object(keyMembers).meta({ id: 'ApiKey' })
export const NewApiKey = z
  .object({ key: z.string().meta({ description: 'Shown this once' }), ...keyMembers })
  .meta({ id: 'NewApiKey' })
export const ApiKeyList = z
  .object({ items: z.array(z.object({ ...keyMembers, cursor: z.string() })), next_cursor: nextCursor })
  .meta({ id: 'ApiKeyList' })

export const Health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })
export const Readiness = z
  .object({ status: z.literal('ready'), history: z.enum(['postgres', 'in-memory']) })
  .meta({ id: 'Readiness' })

export const Graph = z
  .object({
    nodes: z.array(
      z.object({
        event_id: z.string(),
        event_type: z.enum(TOPIC_EVENT_TYPES),
        topic: z.string().nullable(),
        offset: z.int().nullable(),
        upstream: ids,
        downstream: ids,
      }),
    ),
    roots: ids,
    order: ids.meta({ description: 'Every id, upstream first; ties by timestamp, then event id' }),
  })
  .meta({ id: 'EventGraph' }) satisfies z.ZodType<EventGraph>

export const Ticket = z
  .object({
    ticket: z.string().meta({ description: 'Shown this once. Send it as `ticket` in the query of `live`' }),
    conversation_id: z.string(),
    expires_at: time,
  })
  .meta({ id: 'Ticket' })
export type Ticket = z.infer<typeof Ticket>

const milliseconds = z.number().nullable()
const FamilyDurations = z.object({
  count: z.int(),
  total_ms: z.number(),
  min_ms: milliseconds,
  max_ms: milliseconds,
  mean_ms: milliseconds,
})

/** An invoke of which neither a respond nor a failed event tells the end. */
export const UnfinishedInvoke = z.object({
  event_id: z.string(),
  event_type: z.string(),
  name: z.string().nullable(),
  type: z.string().nullable(),
  timestamp: z.string(),
})

export const Summary = z
  .object({
    total_requests: z.int(),
    successful_responses: z.int(),
    failures: z.int(),
    success_rate: z.number(),
    durations: z.object({
      assistant: FamilyDurations,
      workflow: FamilyDurations,
      node: FamilyDurations,
      tool: FamilyDurations,
    }),
    unfinished: z.array(UnfinishedInvoke).meta({ description: 'Invokes with no respond or failed event' }),
  })
  .meta({ id: 'RequestSummary' }) satisfies z.ZodType<RequestSummary>
