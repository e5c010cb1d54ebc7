import * as z from 'zod'
import * as answers from '../answers.ts'
import * as parameters from '../parameters.ts'
import { none, operation, page, pageAnswer } from './operation.ts'

export const readFeed = operation({
  method: 'GET',
  path: '/v1/events',
  scope: 'events:read',
  summary: 'Read the feed of all events',
  description: 'In the order of recording. A reader that follows `next_cursor` sees every event once.',
  params: none,
  query: z
    .strictObject({
      ...page,
      order: parameters.order,
      event_type: parameters.name,
      event_name: parameters.name,
      topic_name: parameters.topicName,
      since: parameters.instant.meta({ description: 'Events whose own timestamp is at or after this' }),
      until: parameters.instant.meta({ description: 'Events whose own timestamp is before this' }),
    })
    .check(parameters.requireRange),
  answers: pageAnswer,
  streams: true,
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
