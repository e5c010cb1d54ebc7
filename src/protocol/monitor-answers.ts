import * as z from 'zod'
import { UnfinishedInvoke } from './answers.ts'

const time = z.iso.datetime()
const milliseconds = z.number().nullable()

/** Bounds as they were counted, on the events' own timestamps. */
const range = {
  since: time.meta({ description: 'Inclusive' }),
  until: time.meta({ description: 'Exclusive' }),
}

export const ActivityPoint = z.object({
  at: time.meta({ description: 'Start of the step' }),
  events: z.int(),
  failures: z.int().meta({
    description: '`*Failed` events, and application events whose `metadata.workflow_state` is `failed`',
  }),
})
export type ActivityPoint = z.infer<typeof ActivityPoint>

export const Activity = z
  .object({
    ...range,
    step: z.int().meta({ description: 'Seconds' }),
    points: z.array(ActivityPoint).meta({ description: 'Oldest first; steps without events are left out' }),
  })
  .meta({ id: 'Activity' })
export type Activity = z.infer<typeof Activity>

export const AssistantActivity = z.object({
  name: z.string().nullable(),
  type: z.string().nullable().meta({ description: 'That of its newest run' }),
  requests: z.int().meta({ description: '`AssistantInvoke` events' }),
  responses: z.int().meta({ description: '`AssistantRespond` events' }),
  failures: z.int().meta({ description: '`AssistantFailed` events' }),
  success_rate: z.number().nullable().meta({ description: 'Responses of all that ended, 0 to 1; null when nothing ended' }),
  duration_ms: z
    .object({ count: z.int(), p50: milliseconds, p95: milliseconds, max: milliseconds, mean: milliseconds })
    .meta({ description: 'Of the runs that ended in the range, from their invoke, even one before the range' }),
})
export type AssistantActivity = z.infer<typeof AssistantActivity>

export const AssistantsActivity = z
  .object({
    ...range,
    assistants: z.array(AssistantActivity).meta({ description: 'Most requests first' }),
    truncated: z.literal(true).optional().meta({
      description: 'There was more than one answer is computed from: the newest runs were counted, or assistants left out',
    }),
  })
  .meta({ id: 'AssistantsActivity' })
export type AssistantsActivity = z.infer<typeof AssistantsActivity>

export const UnfinishedRequest = z.object({
  cursor: z.string(),
  assistant_request_id: z.string(),
  conversation_id: z.string().meta({ description: 'Of its first event' }),
  started_at: time.meta({ description: 'The earliest timestamp of its events' }),
  last_event_at: time.meta({ description: 'The latest one' }),
  events: z.int(),
  failures: z.int(),
  unfinished: z
    .array(UnfinishedInvoke)
    .meta({ description: 'Invokes with no respond or failed event, as in the summary of the request' }),
  truncated: z.literal(true).optional().meta({
    description: 'It has too many events to be paired here, and `unfinished` is empty: ask for its summary',
  }),
})
export type UnfinishedRequest = z.infer<typeof UnfinishedRequest>

export const UnfinishedPage = z
  .object({ items: z.array(UnfinishedRequest), next_cursor: z.string().nullable() })
  .meta({ id: 'UnfinishedPage' })
export type UnfinishedPage = z.infer<typeof UnfinishedPage>
