import * as z from 'zod'
import { MAX_REQUEST_EVENTS } from '../../model/limits.ts'
import * as answers from '../answers.ts'
import * as parameters from '../parameters.ts'
import { none, operation } from './operation.ts'

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
