import { member, text, topicOf } from '../../../../model/event-context.ts'
import { type EventPayload, isPayloadObject, payloadItems } from '../../../../model/event-payload.ts'
import { stringifyJson } from '../../../../model/json.ts'
import type { Message } from '../../../../model/message.ts'

/** A message, or a piece of one, as an event carries it. */
export interface Carried {
  /** The same for the same message, whoever carries it. */
  readonly key: string
  /** The same for all pieces of one streamed message; null for a whole one. */
  readonly stream: string | null
  readonly message: Message
}

/** What a topic event carries. */
export function carriedByTopic(event: unknown): Carried[] {
  const context = member(event, 'event_context')
  const by = [member(context, 'publisher_name') ?? member(context, 'consumer_name'), member(context, 'consumed_event_ids')]
  const { name, offset } = topicOf(context)
  const request = requestOf(event)
  // Whoever reads a publish has its offset, and an id of their own.
  const place = offset === null ? ['event', member(event, 'event_id')] : [request, name, offset]
  return carriedIn(member(event, 'data'), { request, stream: [request, name, by], place })
}

/** What a component took and gave, its whole history among it; topic events that it names count with what they carry. */
export function carriedByComponent(event: unknown): Carried[] {
  return (['input_data', 'output_data'] as const).flatMap((side) => carriedOnSide(event, side))
}

/**
 * What is an event's own, of all that it carries: of a component's end what it gave, of its beginning what it was called for.
 * A plain list of messages is the history up to there, and its last one is what is new.
 */
export function ownOf(event: unknown): Carried[] {
  if (member(event, 'event_context') === undefined) return []
  const data = member(event, 'data')
  const isComponent = member(data, 'input_data') !== undefined || member(data, 'output_data') !== undefined
  if (!isComponent) return carriedByTopic(event)
  const output = carriedOnSide(event, 'output_data')
  if (output.length > 0) return output
  const input = payloadItems(member(data, 'input_data') as EventPayload)
  const carried = carriedOnSide(event, 'input_data')
  return input.some((item) => item.event_context !== undefined) ? carried : carried.slice(-1)
}

function carriedOnSide(event: unknown, side: 'input_data' | 'output_data'): Carried[] {
  const request = requestOf(event)
  return payloadItems(member(member(event, 'data'), side) as EventPayload).flatMap((item) =>
    item.event_context !== undefined
      ? carriedByTopic(item)
      : carriedIn(item, { request, stream: [request, side], place: undefined }),
  )
}

interface Origin {
  readonly request: string | null
  readonly stream: unknown
  readonly place: unknown
}

function carriedIn(payload: unknown, { request, stream, place }: Origin): Carried[] {
  return payloadItems(payload as EventPayload).flatMap((item, index): Carried[] => {
    if (!isMessage(item)) return []
    // Pieces may share an id. Without one only the same request can have carried the same message twice.
    if (item.is_streaming === true) {
      return [{ key: stringifyJson([item, place ?? null, index]), stream: stringifyJson(stream), message: item }]
    }
    const id: unknown = item.message_id
    const key = typeof id === 'string' ? id : stringifyJson(id === null || id === undefined ? [request, item] : [id])
    return [{ key, stream: null, message: item }]
  })
}

export function requestOf(event: unknown): string | null {
  return text(member(event, 'assistant_request_id'))
}

function isMessage(item: unknown): item is Message {
  return isPayloadObject(item) && typeof item.role === 'string'
}
