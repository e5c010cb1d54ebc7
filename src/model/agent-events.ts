import * as z from 'zod'
import { type EventPayload, isPayloadObject, type PayloadObject } from './event-payload.ts'
import type { AgentEventType } from './event-types.ts'
import { idText, storableText } from './text-rules.ts'
import { toUtcTimestamp } from './timestamp.ts'

/*
 * Graphite's events as they are on the wire, from the first versions to the present.
 * What the store finds events by is checked in full. What only describes (names, kwargs) is checked for its type where it
 * is present, for the versions differ, and a refused event fails the agent that sends it. Members not named here are kept.
 * What an event carries inside `data` is checked one level deep: it is large, and belongs to the application.
 */

/** PostgreSQL's `integer`. Graphite counts offsets from 0 in every run and writes -1 for "not yet in a topic". */
const MAX_OFFSET = 2_147_483_647

/** Whether an event in a topic can have this offset. */
export function isTopicOffset(offset: number): boolean {
  return Number.isInteger(offset) && offset >= 0 && offset <= MAX_OFFSET
}

const PayloadSchema = shallow<EventPayload>(
  (value) => typeof value === 'string' || isPayloadObject(value) || (Array.isArray(value) && value.every(isPayloadObject)),
  'an object, an array of objects, or JSON text',
  { anyOf: [{ type: 'object' }, { type: 'array', items: { type: 'object' } }, { type: 'string' }] },
)

const OldTopicDataSchema = shallow<EventPayload | null | undefined>(
  (value) =>
    value == null ||
    typeof value === 'string' ||
    isPayloadObject(value) ||
    (Array.isArray(value) && value.every(isPayloadObject)),
  'JSON text',
  { anyOf: [{ type: 'string' }, { type: 'object' }, { type: 'array', items: { type: 'object' } }, { type: 'null' }] },
).optional()

const KwargsSchema = shallow<PayloadObject | null | undefined>(
  (value) => value == null || isPayloadObject(value),
  'an object or null',
  {
    anyOf: [{ type: 'object' }, { type: 'null' }],
  },
).optional()

const StringsSchema = shallow<string[] | undefined>(
  (value) => value === undefined || (Array.isArray(value) && value.every((item) => typeof item === 'string')),
  'an array of strings',
  { type: 'array', items: { type: 'string' } },
).optional()

const DescriptionsSchema = shallow<(string | PayloadObject)[] | undefined>(
  (value) =>
    value === undefined || (Array.isArray(value) && value.every((item) => typeof item === 'string' || isPayloadObject(item))),
  'an array of strings or objects',
  { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'object' }] } },
).optional()

const textIfPresent = z.string().nullish()

const TimestampSchema = z
  .string()
  .check((context) => {
    if (toUtcTimestamp(context.value) === null) {
      const message =
        'is no ISO 8601 time that can be kept: send a real date with T, at most 9 digits of a fraction, and within the years 0001 to 9999 in UTC, such as 2025-08-28T10:40:11.078102+00:00'
      context.issues.push({ code: 'custom', message, input: context.value })
    }
  })
  .meta({ format: 'date-time' })

const InvokeContextSchema = z.looseObject({
  conversation_id: idText(),
  invoke_id: textIfPresent,
  assistant_request_id: textIfPresent,
  user_id: storableText().nullish(),
  kwargs: KwargsSchema,
})
export type InvokeContext = z.infer<typeof InvokeContextSchema>

const contextMembers = { invoke_context: InvokeContextSchema }

const componentMembers = { ...contextMembers, id: textIfPresent, name: textIfPresent, type: textIfPresent }

const topicMembers = {
  ...contextMembers,
  name: storableText().optional(),
  topic_name: storableText().optional(),
  type: textIfPresent,
}

const offset = z.int().min(-1).max(MAX_OFFSET)

const envelopeMembers = {
  event_id: idText(),
  event_version: storableText().nullish(),
  assistant_request_id: idText(),
  timestamp: TimestampSchema,
}

/** What every event has, whatever its type: enough to record it. */
export const EventEnvelopeSchema = z
  .looseObject({
    ...envelopeMembers,
    event_type: idText(),
    event_context: z.looseObject(contextMembers),
  })
  .meta({ id: 'EventEnvelope' })
export type EventEnvelope = z.infer<typeof EventEnvelopeSchema>

const NodeContext = z.looseObject({
  ...componentMembers,
  node_id: textIfPresent,
  node_name: textIfPresent,
  node_type: textIfPresent,
  subscribed_topics: DescriptionsSchema,
  publish_to_topics: DescriptionsSchema,
})
const ToolContext = z.looseObject({
  ...componentMembers,
  tool_id: textIfPresent,
  tool_name: textIfPresent,
  tool_type: textIfPresent,
})
const WorkflowContext = z.looseObject({
  ...componentMembers,
  workflow_id: textIfPresent,
  workflow_name: textIfPresent,
  workflow_type: textIfPresent,
})
const AssistantContext = z.looseObject({
  ...componentMembers,
  assistant_id: textIfPresent,
  assistant_name: textIfPresent,
  assistant_type: textIfPresent,
  model: textIfPresent,
})

const PublishContext = z
  .looseObject({
    ...topicMembers,
    offset,
    consumed_event_ids: StringsSchema,
    publisher_name: textIfPresent,
    publisher_type: textIfPresent,
  })
  .check(requireTopicName)
const ConsumeContext = z
  .looseObject({ ...topicMembers, offset, consumer_name: textIfPresent, consumer_type: textIfPresent })
  .check(requireTopicName)
const AnyTopicContext = z.looseObject({ ...topicMembers, offset: offset.nullish(), consumed_event_ids: StringsSchema })

const InvokeData = z.looseObject({ input_data: PayloadSchema })
const RespondData = z.looseObject({ input_data: PayloadSchema, output_data: PayloadSchema })
const FailedData = z.looseObject({ input_data: PayloadSchema, error: z.string(), error_details: KwargsSchema })

/** The schema of each of Graphite's event types. */
export const AGENT_EVENT_SCHEMAS = {
  NodeInvoke: eventSchema('NodeInvoke', NodeContext, InvokeData),
  NodeRespond: eventSchema('NodeRespond', NodeContext, RespondData),
  NodeFailed: eventSchema('NodeFailed', NodeContext, FailedData),
  ToolInvoke: eventSchema('ToolInvoke', ToolContext, InvokeData),
  ToolRespond: eventSchema('ToolRespond', ToolContext, RespondData),
  ToolFailed: eventSchema('ToolFailed', ToolContext, FailedData),
  WorkflowInvoke: eventSchema('WorkflowInvoke', WorkflowContext, InvokeData),
  WorkflowRespond: eventSchema('WorkflowRespond', WorkflowContext, RespondData),
  WorkflowFailed: eventSchema('WorkflowFailed', WorkflowContext, FailedData),
  AssistantInvoke: eventSchema('AssistantInvoke', AssistantContext, InvokeData),
  AssistantRespond: eventSchema('AssistantRespond', AssistantContext, RespondData),
  AssistantFailed: eventSchema('AssistantFailed', AssistantContext, FailedData),
  TopicEvent: eventSchema('TopicEvent', AnyTopicContext, OldTopicDataSchema),
  PublishToTopic: eventSchema('PublishToTopic', PublishContext, z.string()),
  ConsumeFromTopic: eventSchema('ConsumeFromTopic', ConsumeContext, z.string()),
  OutputTopic: eventSchema('OutputTopic', PublishContext, OldTopicDataSchema),
  StreamTopicEvent: eventSchema('StreamTopicEvent', AnyTopicContext, OldTopicDataSchema),
} as const satisfies Record<AgentEventType, z.ZodType<EventEnvelope>>

export type AgentEventOf<Type extends AgentEventType> = z.infer<(typeof AGENT_EVENT_SCHEMAS)[Type]>

/** One of Graphite's own events; `event_type` tells which. */
export type AgentEvent = { [Type in AgentEventType]: AgentEventOf<Type> }[AgentEventType]

function eventSchema<Type extends AgentEventType, Context extends z.ZodType, Data extends z.ZodType>(
  type: Type,
  context: Context,
  data: Data,
) {
  return z.looseObject({ ...envelopeMembers, event_type: z.literal(type), event_context: context, data }).meta({ id: type })
}

function requireTopicName(context: z.core.ParsePayload<{ name?: string | undefined; topic_name?: string | undefined }>): void {
  if (context.value.name === undefined && context.value.topic_name === undefined) {
    context.issues.push({ code: 'custom', path: ['name'], message: "is missing: send the topic's name", input: undefined })
  }
}

/** A schema that looks at a value without walking into it or copying it. */
function shallow<T>(fits: (value: unknown) => boolean, expected: string, jsonSchema: Record<string, unknown>): z.ZodType<T, T> {
  const schema = z
    .unknown()
    .check((context) => {
      if (fits(context.value)) return
      const problem = context.value === undefined ? 'is missing' : 'has the wrong type'
      context.issues.push({ code: 'custom', message: `${problem}: send ${expected}`, input: context.value })
    })
    .meta(jsonSchema)
  return schema as unknown as z.ZodType<T, T>
}
