import type { AgentEventOf } from './agent-events.ts'
import type { TopicEventType } from './event-types.ts'
import { type RunContext, wireContext } from './invoke-context.ts'
import { stringifyJson } from './json.ts'
import type { Message } from './message.ts'
import { envelope, type NewEvent } from './new-event.ts'

/** Graphite's `TopicType`. */
export type TopicType =
  | 'NoneTopic'
  | 'Topic'
  | 'AgentInputTopic'
  | 'AgentOutputTopic'
  | 'InWorkflowInputTopic'
  | 'InWorkflowOutputTopic'

/** Events of topics. The defaults are Graphite's, for a message that is in no topic yet: what an assistant is invoked with. */
export interface NewTopicEvent extends NewEvent {
  readonly invoke_context: RunContext
  /** The topic's name. Default: empty. */
  readonly name?: string | undefined
  /** The topic's type. Default: `NoneTopic`. */
  readonly type?: TopicType | undefined
  /** The place in the topic, from 0 in every request. Default: -1. */
  readonly offset?: number | undefined
  /** The messages, or their JSON text as another topic event has it. */
  readonly data: readonly Message[] | string
}

export interface NewPublishToTopic extends NewTopicEvent {
  /** Ids of the `ConsumeFromTopic` events that led to this one. Default: none. */
  readonly consumed_event_ids?: readonly string[] | undefined
  readonly publisher_name?: string | undefined
  readonly publisher_type?: string | undefined
}

export interface NewConsumeFromTopic extends NewTopicEvent {
  readonly consumer_name?: string | undefined
  readonly consumer_type?: string | undefined
}

/*
 * In topic events `event_context` stands first, and `data` is JSON text. Graphite's text comes from Python's `json.dumps`:
 * it has a space after every `,` and `:` and escapes what is not ASCII. The text made here has neither, and is the same JSON.
 */

/** Messages that a component published to a topic. */
export function publishToTopic(event: NewPublishToTopic): AgentEventOf<'PublishToTopic'> {
  return topicEventOf('PublishToTopic', event, publisher(event))
}

/** Messages that a component read from a topic: `name`, `type`, `offset` and `data` are those of the publishing event. */
export function consumeFromTopic(event: NewConsumeFromTopic): AgentEventOf<'ConsumeFromTopic'> {
  const { consumer_name = '', consumer_type = '' } = event
  return topicEventOf('ConsumeFromTopic', event, { consumer_name, consumer_type })
}

/** Messages that a component published as output: from Graphite before 1.0, which now has `publishToTopic` for it. */
export function outputTopic(event: NewPublishToTopic): AgentEventOf<'OutputTopic'> {
  return topicEventOf('OutputTopic', event, publisher(event))
}

/** Messages in a topic, whoever put them there. Topic reads find it, as they find published ones. */
export function topicEvent(event: NewTopicEvent): AgentEventOf<'TopicEvent'> {
  return topicEventOf('TopicEvent', event, {})
}

/** A piece of a streamed message in a topic: from Graphite before 1.0. */
export function streamTopicEvent(event: NewTopicEvent): AgentEventOf<'StreamTopicEvent'> {
  return topicEventOf('StreamTopicEvent', event, {})
}

function publisher({ consumed_event_ids = [], publisher_name = '', publisher_type = '' }: NewPublishToTopic) {
  return { consumed_event_ids: [...consumed_event_ids], publisher_name, publisher_type }
}

function topicEventOf<Type extends TopicEventType, Party extends object>(event_type: Type, event: NewTopicEvent, party: Party) {
  const { name = '', type = 'NoneTopic', offset = -1, data } = event
  const invoke_context = wireContext(event.invoke_context)
  return {
    event_context: { ...party, name, type, offset, invoke_context },
    ...envelope(event_type, event, invoke_context.assistant_request_id),
    data: typeof data === 'string' ? data : stringifyJson(data),
  }
}
