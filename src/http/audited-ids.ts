import type { Operation } from '../protocol/operations/operation.ts'

/** What stands in a path behind these is an id of that. */
const KINDS: Readonly<Record<string, string>> = {
  conversations: 'conversation_id',
  'assistant-requests': 'assistant_request_id',
  topics: 'topic_name',
}

const SEGMENT = /\/([^/{}]+)\/\{(\w+)\}/g

/** The ids that a request names, as its operation checks them; what does not pass is left out. */
export function auditedIds(
  operation: Operation,
  params: Record<string, string>,
  sentQuery: URLSearchParams,
): Record<string, string> {
  const ids: Record<string, string> = {}
  const checked = operation.params.safeParse(params)
  if (checked.success) {
    for (const [, before = '', name = ''] of operation.path.matchAll(SEGMENT)) {
      const value = (checked.data as Record<string, unknown>)[name]
      if (typeof value === 'string') ids[KINDS[before] ?? name] = value
    }
  }
  const query = operation.query.safeParse(Object.fromEntries(sentQuery))
  const conversation = query.success ? (query.data as { conversation_id?: unknown }).conversation_id : undefined
  if (typeof conversation === 'string') ids.conversation_id = conversation
  return ids
}
