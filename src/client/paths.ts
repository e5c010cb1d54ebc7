import { isPossibleId } from '../model/text-rules.ts'

export function eventPath(eventId: string): string {
  return `/v1/events/${segment(eventId)}`
}

export function conversationPath(conversationId: string, part?: 'events' | 'live' | 'graph'): string {
  return `/v1/conversations/${segment(conversationId)}${part ? `/${part}` : ''}`
}

export function assistantRequestPath(assistantRequestId: string, part: 'events' | 'summary'): string {
  return `/v1/assistant-requests/${segment(assistantRequestId)}/${part}`
}

export function topicPath(name: string): string {
  return `/v1/topics/${segment(name)}/events`
}

/** An id in a path. Ids that no path can hold are asked for nowhere. */
function segment(id: string): string {
  return isPossibleId(id) ? encodeURIComponent(id) : ''
}
