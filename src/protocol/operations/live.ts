import * as z from 'zod'
import * as answers from '../answers.ts'
import * as parameters from '../parameters.ts'
import { none, operation } from './operation.ts'

export const createTicket = operation({
  method: 'POST',
  path: '/v1/conversations/{id}/ticket',
  scope: 'events:read',
  summary: 'Get a ticket for reading a conversation live',
  description:
    'For browsers, whose EventSource sends no headers: the ticket stands in the URL. It reads this one conversation live and nothing else, any number of times, for ten minutes and no longer than the credential that asked for it.',
  params: z.strictObject({ id: parameters.id }),
  query: none,
  answers: { 201: { description: 'The ticket', schema: answers.Ticket } },
})

export const readConversationLive = operation({
  method: 'GET',
  path: '/v1/conversations/{id}/live',
  scope: 'events:read',
  summary: 'Read a conversation live',
  description:
    'Server-sent events: what is recorded already, then what comes. `event` messages hold an item each, with its seq as their id; `up-to-date` says that the reader has all that there is; `error` holds problem details and is the last message. Without `after` and `Last-Event-ID` it begins with the first event. The stream ends after at most 15 minutes: go on with `Last-Event-ID`.',
  params: z.strictObject({ id: parameters.id }),
  query: z.strictObject({ after: parameters.seq, ticket: parameters.ticket }),
  headers: parameters.lastSeqHeaders,
  answers: { 200: { description: 'The data of an `event` message', schema: answers.Item } },
  live: true,
  takesTicket: true,
})

export const readFeedLive = operation({
  method: 'GET',
  path: '/v1/events/live',
  scope: 'events:read',
  summary: 'Read the feed of all events live',
  description:
    'Server-sent events, as of a conversation read live: `event` messages in the order of the feed, with their cursor as their id. Without `after` and `Last-Event-ID` it begins with the first event; who wants only what is new takes the cursor of the newest from the feed first. With a filter the `up-to-date` messages have an id too, behind what was left out. The stream ends after at most 15 minutes: go on with `Last-Event-ID`.',
  params: none,
  query: z.strictObject({
    after: parameters.position,
    event_type: parameters.name,
    event_name: parameters.name,
    topic_name: parameters.topicName,
  }),
  headers: parameters.lastPositionHeaders,
  answers: { 200: { description: 'The data of an `event` message', schema: answers.Item } },
  live: true,
})
