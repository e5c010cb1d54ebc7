import { member, text, topicOf } from './event-context.ts'
import { type EventPayload, isPayloadObject, payloadItems } from './event-payload.ts'
import { componentEventKind, isTopicEventType } from './event-types.ts'
import { stringifyJson } from './json.ts'
import type { Message } from './message.ts'
import { eventOf } from './stored-event.ts'

export interface ConversationMessagesOptions {
  /**
   * An assistant request's id: gives what a language model that is called for this request sees, as Graphite puts it
   * together: of other requests their input and output if they responded, else nothing; then all of its own. (Graphite
   * also leaves out its own branches that did not lead to the call, and adds empty answers to calls that have none.)
   */
  readonly seenBy?: string | undefined
}

/**
 * The messages of a conversation, each once, from its events in the order of recording, as a store's lists or iterators
 * give them: the user's, the assistant's, the
 * calls of tools and their answers, of finished, failed and unfinished requests alike.
 *
 * They are the messages that were published to topics, each where it was first recorded, numbers exact (see `Message`).
 * A read from a topic counts only if the event that it read is missing, and component events only if their request has
 * no topic events at all. A tool's answer stands directly behind its call. The pieces of a streamed message
 * (`is_streaming`) are joined, under the first piece's id, whether they share it or not. A message is recognised by its
 * `message_id`.
 */
export function conversationMessages(events: Iterable<unknown>, options?: ConversationMessagesOptions): Message[]
export function conversationMessages(events: AsyncIterable<unknown>, options?: ConversationMessagesOptions): Promise<Message[]>
export function conversationMessages(
  events: Iterable<unknown> | AsyncIterable<unknown>,
  options: ConversationMessagesOptions = {},
): Message[] | Promise<Message[]> {
  if (Symbol.asyncIterator in events) return Array.fromAsync(events, eventOf).then((all) => collect(all, options))
  return collect(Array.from(events, eventOf), options)
}

function collect(events: readonly unknown[], { seenBy }: ConversationMessagesOptions): Message[] {
  const found = new Found()
  if (seenBy !== undefined) {
    for (const event of events) {
      if (text(member(event, 'event_type')) === 'AssistantRespond' && requestOf(event) !== seenBy) takeComponent(found, event)
    }
  }
  const own = seenBy === undefined ? events : events.filter((event) => requestOf(event) === seenBy)
  const topicEvents = own.filter((event) => isTopicEventType(typeOf(event)))
  const requestsWithTopics = new Set(topicEvents.map(requestOf))
  const published = new Set(topicEvents.filter((event) => typeOf(event) !== 'ConsumeFromTopic').map(position))
  for (const event of own) {
    const type = typeOf(event)
    if (isTopicEventType(type)) {
      if (type !== 'ConsumeFromTopic' || !published.has(position(event))) takeTopic(found, event)
    } else if (componentEventKind(type) && !requestsWithTopics.has(requestOf(event))) takeComponent(found, event)
  }
  return answersBehindCalls(found.messages)
}

class Found {
  readonly messages: Message[] = []
  readonly #known = new Set<string>()
  readonly #streams = new Map<string, Message>()

  /** `stream` is the same for all pieces of a streamed message, `place` for all who carry the same payload. */
  take(payload: unknown, request: string | null, stream: string, place = ''): void {
    for (const [index, item] of payloadItems(payload as EventPayload).entries()) {
      if (!isMessage(item)) continue
      const isPiece = item.is_streaming === true
      // Without an id only the same request can have carried the same message twice. Pieces may share one.
      const key = isPiece ? stringifyJson([item, place, index]) : (item.message_id ?? stringifyJson([request, item]))
      if (this.#known.has(key)) continue
      this.#known.add(key)
      if (isPiece) this.#join(item, stream)
      else this.messages.push(item)
    }
  }

  #join(piece: Message, stream: string): void {
    const begun = this.#streams.get(stream)
    if (!begun) {
      const whole = { ...piece, is_streaming: false }
      this.#streams.set(stream, whole)
      this.messages.push(whole)
    } else if (typeof piece.content === 'string') {
      begun.content = `${typeof begun.content === 'string' ? begun.content : ''}${piece.content}`
    }
  }
}

function takeTopic(found: Found, event: unknown): void {
  const context = member(event, 'event_context')
  const request = requestOf(event)
  const by = [member(context, 'publisher_name') ?? member(context, 'consumer_name'), member(context, 'consumed_event_ids')]
  const { name, offset } = topicOf(context)
  // Whoever reads a publish has its offset, and an id of their own.
  const place = offset === null ? ['event', member(event, 'event_id')] : [request, name, offset]
  found.take(member(event, 'data'), request, stringifyJson([request, name, by]), stringifyJson(place))
}

/** Inputs and outputs are lists of messages, or topic events that carry them. */
function takeComponent(found: Found, event: unknown): void {
  const data = member(event, 'data')
  const request = requestOf(event)
  for (const side of ['input_data', 'output_data']) {
    for (const item of payloadItems(member(data, side) as EventPayload)) {
      if (member(item, 'event_context') === undefined) found.take(item, request, stringifyJson([request, side]))
      else takeTopic(found, item)
    }
  }
}

/** A language model refuses a call whose answer does not follow it, and parallel nodes publish in between. */
function answersBehindCalls(messages: readonly Message[]): Message[] {
  const called = new Set(messages.flatMap(callIds))
  const answers = new Map<string, Message[]>()
  const others: Message[] = []
  for (const message of messages) {
    const call = message.tool_call_id
    if (typeof call !== 'string' || !called.has(call) || callIds(message).length > 0) others.push(message)
    else if (!answers.get(call)?.push(message)) answers.set(call, [message])
  }
  const ordered: Message[] = []
  for (const message of others) {
    ordered.push(message)
    for (const call of callIds(message)) {
      ordered.push(...(answers.get(call) ?? []))
      answers.delete(call)
    }
  }
  return ordered
}

function callIds({ tool_calls }: Message): string[] {
  return Array.isArray(tool_calls) ? tool_calls.map((call) => text(member(call, 'id'))).filter((id) => id !== null) : []
}

function isMessage(item: unknown): item is Message {
  return isPayloadObject(item) && typeof item.role === 'string'
}

function position(event: unknown): string {
  const topic = topicOf(member(event, 'event_context'))
  return stringifyJson([requestOf(event), topic.name, topic.offset])
}

function typeOf(event: unknown): string {
  return text(member(event, 'event_type')) ?? ''
}

function requestOf(event: unknown): string | null {
  return text(member(event, 'assistant_request_id'))
}
