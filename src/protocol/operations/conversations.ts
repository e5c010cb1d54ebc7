import * as z from 'zod'
import * as answers from '../answers.ts'
import * as parameters from '../parameters.ts'
import { none, operation, page, pageAnswer } from './operation.ts'

export const listConversations = operation({
  method: 'GET',
  path: '/v1/conversations',
  scope: 'events:read',
  summary: 'List conversations, newest activity first',
  params: none,
  query: z.strictObject({
    ...page,
    kind: parameters.conversationKind,
    user_id: parameters.name.meta({ description: 'Only conversations with events of this user' }),
  }),
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

export const clearConversation = operation({
  method: 'DELETE',
  path: '/v1/conversations/{id}',
  scope: 'events:erase',
  summary: 'Clear a conversation',
  description:
    'Removes what the conversation recorded before the request, everywhere. The ids can be recorded again. Of an unknown conversation there is nothing to remove.',
  params: z.strictObject({ id: parameters.id }),
  query: z.strictObject({
    confirm: z
      .string({ error: 'must be the id of the conversation to clear' })
      .meta({ description: 'The id of the conversation, against accidents' }),
  }),
  answers: {
    200: { description: 'Cleared', schema: answers.ClearConversationAnswer },
    202: {
      description: 'Cleared in Postgres; the conversation, which cannot be reached now, forgets as soon as it can',
      schema: answers.ClearConversationAnswer,
    },
  },
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
