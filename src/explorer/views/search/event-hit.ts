import { applicationEventLog } from '../../../model/application-event-log.ts'
import { checkApplicationEvent } from '../../../model/application-events.ts'
import { componentOf, member, text, topicOf } from '../../../model/event-context.ts'
import { componentEventKind } from '../../../model/event-types.ts'
import type { ConversationItem } from '../../data/conversation-item.ts'
import { conversationPath, runPath, withQuery } from '../../routing/paths.ts'
import { logName } from '../runs/model/log-ids.ts'

/** An event as a list of results shows it. */
export interface EventHit {
  /** Unique in the list: events of one conversation have a seq each. */
  readonly key: string
  readonly eventId: string
  readonly type: string
  /** What it is about: a component, a topic with the offset, or an event's name; empty when it tells nothing. */
  readonly name: string
  readonly seq: number
  readonly cursor: string
  /** ISO 8601: the event's own, else when it was recorded. */
  readonly at: string
  readonly requestId: string | null
  /** Null where the event tells too little to know. */
  readonly conversationId: string | null
  /** Where it can be looked at in its place. */
  readonly path: string | null
}

/** Items of the feed do not name their conversation: it is what the event itself says, as the service reads it. */
export async function eventHitOf({ seq, cursor, recorded_at, raw }: ConversationItem): Promise<EventHit> {
  const eventId = text(member(raw, 'event_id')) ?? ''
  const conversationId = await conversationOf(raw, eventId)
  return {
    key: `${cursor} ${seq} ${eventId}`,
    ...{ eventId, seq, cursor, conversationId },
    type: text(member(raw, 'event_type')) ?? 'unknown',
    name: nameOf(raw),
    at: text(member(raw, 'timestamp')) ?? createdAt(raw) ?? recorded_at,
    requestId: text(member(raw, 'assistant_request_id')),
    path: conversationId === null ? null : eventPath(conversationId, seq),
  }
}

async function conversationOf(raw: unknown, eventId: string): Promise<string | null> {
  const stated = text(member(member(member(raw, 'event_context'), 'invoke_context'), 'conversation_id'))
  if (stated !== null && text(member(raw, 'assistant_request_id')) !== null) return stated
  const check = checkApplicationEvent(raw)
  return check.ok ? applicationEventLog(check.facts, eventId) : null
}

/** A conversation, or the view of a run, at one of its events. */
function eventPath(conversationId: string, seq: number): string {
  const log = logName(conversationId)
  if (log?.kind === 'run') return withQuery(runPath(log.run), new URLSearchParams({ seq: String(seq) }))
  return conversationPath(conversationId, log ? { view: 'raw', seq } : { seq })
}

function nameOf(raw: unknown): string {
  const named = text(member(raw, 'event_name'))
  if (named) return named
  const context = member(raw, 'event_context')
  const kind = componentEventKind(text(member(raw, 'event_type')) ?? '')
  if (kind) return componentOf(kind.family, context).name ?? ''
  const { name, offset } = topicOf(context)
  return name === null ? '' : offset === null ? name : `${name}[${offset}]`
}

/** Senders of application events name the second. */
function createdAt(raw: unknown): string | null {
  const seconds = member(member(raw, 'metadata'), 'created_timestamp')
  const at = new Date(typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : Number.NaN)
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}
