import { expect, it } from 'vitest'
import { auditedIds } from '../../src/http/audited-ids.ts'
import * as operations from '../../src/protocol/operations.ts'

const at = (query = '') => new URLSearchParams(query)

it.each<[operations.Operation, Record<string, string>, string, Record<string, string>]>([
  [operations.readEvent, { event_id: 'e' }, '?conversation_id=c', { event_id: 'e', conversation_id: 'c' }],
  [operations.readConversationEvents, { id: 'c' }, '?limit=5', { conversation_id: 'c' }],
  [operations.readAssistantRequestSummary, { id: 'r' }, '', { assistant_request_id: 'r' }],
  [operations.readTopicEvents, { name: 't' }, '?offsets=1', { topic_name: 't' }],
  [operations.readFeed, {}, '?event_type=secret', {}],
  [operations.clearEvents, {}, '?confirm=secret', {}],
])('names the ids of a request by what they are ids of: %#', (operation, params, query, ids) => {
  expect(auditedIds(operation, params, at(query))).toEqual(ids)
})

it('leaves out what the operation refuses', () => {
  expect(auditedIds(operations.readEvent, { event_id: 'x'.repeat(257) }, at('?conversation_id=c&unknown=1'))).toEqual({})
})
