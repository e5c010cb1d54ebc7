import * as z from 'zod'
import { MAX_REQUEST_EVENTS } from '../model/limits.ts'
import type { Scope } from '../model/scopes.ts'
import * as answers from './answers.ts'
import { NewKey } from './new-key.ts'
import * as parameters from './parameters.ts'

/** One operation of the HTTP API: what the router, the validation and the OpenAPI document are made of. */
export interface Operation<Params extends z.ZodType = z.ZodType, Query extends z.ZodType = z.ZodType> {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With `{parameter}` segments. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  /** What a credential must allow. Null: answers without one, and while the service is not configured. */
  readonly scope: Scope | null
  readonly params: Params
  readonly query: Query
  /** The body is events: JSON or NDJSON. */
  readonly takesEvents?: 'agent' | 'application'
  /** Another body than events, as JSON. */
  readonly body?: z.ZodType
  /** Headers that it reads beside the parameters. */
  readonly headers?: z.ZodObject
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema: z.ZodType }>>
  /** Also answers with `application/x-ndjson`. */
  readonly streams?: boolean
}

/** Keeps the schemas' types. */
function operation<Params extends z.ZodType, Query extends z.ZodType>(
  definition: Operation<Params, Query>,
): Operation<Params, Query> {
  return definition
}

const none = z.strictObject({})
const page = { after: parameters.position, limit: parameters.limit }
const pageAnswer = { 200: { description: 'A page of items', schema: answers.Page } }

export const recordEvents = operation({
  method: 'POST',
  path: '/v1/events',
  scope: 'events:write',
  summary: 'Record events',
  description: `One event, an array, or NDJSON; at most ${MAX_REQUEST_EVENTS} events. All are checked before any is stored. Recording is idempotent on \`event_id\`: the first write wins, and repeating a request is always safe.`,
  params: none,
  query: z.strictObject({
    ack: z
      .enum(['durable', 'persisted'], { error: 'must be durable or persisted' })
      .optional()
      .meta({ description: '`persisted` answers once the events are in Postgres too' }),
    expected_seq: parameters.expectedSeq,
    on_conflict: z
      .enum(['report', 'reject'], { error: 'must be report or reject' })
      .optional()
      .meta({ description: '`reject` stores nothing when an id stands with other content, and answers 409' }),
    list: z
      .enum(['events'], { error: 'must be events' })
      .optional()
      .meta({ description: '`events` answers with what became of each event, too' }),
  }),
  takesEvents: 'agent',
  answers: {
    201: { description: 'At least one event is new, and durable', schema: answers.RecordAnswer },
    200: { description: 'Nothing was new', schema: answers.RecordAnswer },
  },
})

export const publishEvents = operation({
  method: 'POST',
  path: '/v1/publish',
  scope: 'events:publish',
  summary: 'Publish application events',
  description: `One event, an array, or NDJSON; at most ${MAX_REQUEST_EVENTS} events. Takes what an application behind Dapr's HTTP binding sends. What an event lacks of \`event_id\`, \`metadata.application_name\`, \`metadata.created_timestamp\` and \`metadata.topic_name\` is filled in; all else stays as it was sent.`,
  params: none,
  query: none,
  headers: parameters.publishHeaders,
  takesEvents: 'application',
  answers: { 202: { description: 'The events are durable', schema: answers.PublishAnswer } },
})

export const readFeed = operation({
  method: 'GET',
  path: '/v1/events',
  scope: 'events:read',
  summary: 'Read the feed of all events',
  description: 'In the order of recording. A reader that follows `next_cursor` sees every event once.',
  params: none,
  query: z.strictObject({
    ...page,
    order: parameters.order,
    event_type: parameters.name,
    event_name: parameters.name,
    since: parameters.instant.meta({ description: 'Events whose own timestamp is at or after this' }),
    until: parameters.instant.meta({ description: 'Events whose own timestamp is before this' }),
  }),
  answers: pageAnswer,
  streams: true,
})

export const clearEvents = operation({
  method: 'DELETE',
  path: '/v1/events',
  scope: 'events:erase',
  summary: "Clear the tenant's events",
  description: 'Removes everything recorded before the request. Their ids can be recorded again.',
  params: none,
  query: z.strictObject({
    confirm: z
      .string({ error: 'must be the name of the tenant to clear' })
      .meta({ description: 'The name of the tenant, against accidents' }),
  }),
  answers: { 200: { description: 'Cleared', schema: answers.ClearAnswer } },
})

export const readEvent = operation({
  method: 'GET',
  path: '/v1/events/{event_id}',
  scope: 'events:read',
  summary: 'Read one event',
  params: z.strictObject({ event_id: parameters.id }),
  query: z.strictObject({ conversation_id: parameters.conversationId }),
  answers: { 200: { description: 'The item', schema: answers.Item } },
})

export const listConversations = operation({
  method: 'GET',
  path: '/v1/conversations',
  scope: 'events:read',
  summary: 'List conversations, newest activity first',
  params: none,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of conversations', schema: answers.ConversationList } },
  streams: true,
})

export const readConversation = operation({
  method: 'GET',
  path: '/v1/conversations/{id}',
  scope: 'events:read',
  summary: "Read a conversation's counters",
  params: z.strictObject({ id: parameters.id }),
  query: none,
  answers: { 200: { description: 'The counters', schema: answers.Conversation } },
})

export const readConversationEvents = operation({
  method: 'GET',
  path: '/v1/conversations/{id}/events',
  scope: 'events:read',
  summary: "Read a conversation's events",
  description: 'In the order of seq. A cursor is a seq.',
  params: z.strictObject({ id: parameters.id }),
  query: z.strictObject({
    after: parameters.seq,
    limit: parameters.limit,
    until_seq: parameters.untilSeq,
    event_type: parameters.name,
  }),
  answers: pageAnswer,
  streams: true,
})

export const readConversationGraph = operation({
  method: 'GET',
  path: '/v1/conversations/{id}/graph',
  scope: 'events:read',
  summary: "Read a conversation's event graph",
  description: 'Topic events as nodes, with what led to them and what they led to.',
  params: z.strictObject({ id: parameters.id }),
  query: none,
  answers: { 200: { description: 'The graph', schema: answers.Graph } },
})

export const readAssistantRequestEvents = operation({
  method: 'GET',
  path: '/v1/assistant-requests/{id}/events',
  scope: 'events:read',
  summary: 'Read the events of an assistant request',
  description: 'In the order of recording.',
  params: z.strictObject({ id: parameters.id }),
  query: z.strictObject({ ...page, conversation_id: parameters.conversationId }),
  answers: pageAnswer,
  streams: true,
})

export const readAssistantRequestSummary = operation({
  method: 'GET',
  path: '/v1/assistant-requests/{id}/summary',
  scope: 'events:read',
  summary: 'Sum up an assistant request',
  params: z.strictObject({ id: parameters.id }),
  query: none,
  answers: { 200: { description: 'The summary', schema: answers.Summary } },
})

export const readTopicEvents = operation({
  method: 'GET',
  path: '/v1/topics/{name}/events',
  scope: 'events:read',
  summary: 'Read the events of a topic',
  description:
    'With `offsets` the published agent events there: offsets restart in every run, so one offset can stand for several events unless a conversation is named. Without them the application events, in the order of recording.',
  params: z.strictObject({ name: parameters.id }),
  query: z.strictObject({ ...page, offsets: parameters.offsets, conversation_id: parameters.conversationId }),
  answers: pageAnswer,
  streams: true,
})

export const readQuarantine = operation({
  method: 'GET',
  path: '/v1/quarantine',
  scope: 'admin',
  summary: 'Read the events that were set aside',
  description: 'Events that Postgres refused, with its reason. They stay readable in their conversations.',
  params: none,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of set aside events', schema: answers.QuarantineList } },
})

export const createKey = operation({
  method: 'POST',
  path: '/v1/keys',
  scope: 'admin',
  summary: 'Create an API key',
  description: "For the caller's own tenant. The answer is the only place where the whole key ever stands.",
  params: none,
  query: none,
  body: NewKey,
  answers: { 201: { description: 'The key', schema: answers.NewApiKey } },
})

export const listKeys = operation({
  method: 'GET',
  path: '/v1/keys',
  scope: 'admin',
  summary: 'List the API keys',
  description: 'Oldest first, revoked and expired ones too. None is shown whole.',
  params: none,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of keys', schema: answers.ApiKeyList } },
  streams: true,
})

export const revokeKey = operation({
  method: 'DELETE',
  path: '/v1/keys/{key_id}',
  scope: 'admin',
  summary: 'Revoke an API key',
  description: 'It is refused within a minute everywhere, and stays in the list. Revoking it again changes nothing.',
  params: z.strictObject({ key_id: parameters.id }),
  query: none,
  answers: { 200: { description: 'The key', schema: answers.ApiKey } },
})

export const readAudit = operation({
  method: 'GET',
  path: '/v1/audit',
  scope: 'admin',
  summary: 'Read who did what',
  description:
    'The newest first: key changes, deletions, exports, administrative and denied requests, and reads where the tenant asks for it. An entry is here within seconds of what it tells.',
  params: none,
  query: z.strictObject({
    after: parameters.auditCursor,
    limit: parameters.limit,
    operation: parameters.name.meta({ description: 'As entries name it, such as `DELETE /v1/events`' }),
    key_id: parameters.name,
    outcome: parameters.auditOutcome,
    since: parameters.instant.meta({ description: 'Entries at or after this' }),
    until: parameters.instant.meta({ description: 'Entries before this' }),
  }),
  answers: { 200: { description: 'A page of entries', schema: answers.AuditList } },
  streams: true,
})

export const readHealth = operation({
  method: 'GET',
  path: '/healthz',
  scope: null,
  summary: 'Is the Worker alive',
  params: none,
  query: none,
  answers: { 200: { description: 'Alive', schema: answers.Health } },
})

export const readReadiness = operation({
  method: 'GET',
  path: '/readyz',
  scope: null,
  summary: 'Is the service configured and its history reachable',
  params: none,
  query: none,
  answers: { 200: { description: 'Ready', schema: answers.Readiness } },
})
