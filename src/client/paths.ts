import { isPossibleId } from '../model/text-rules.ts'

export function conversationPath(conversationId: string, list: 'events' | 'live'): string {
  return `/v1/conversations/${segment(conversationId)}/${list}`
}

export function assistantRequestPath(assistantRequestId: string): string {
  return `/v1/assistant-requests/${segment(assistantRequestId)}/events`
}

/** An id in a path. Ids that no path can hold are asked for nowhere. */
function segment(id: string): string {
  return isPossibleId(id) ? encodeURIComponent(id) : ''
}
