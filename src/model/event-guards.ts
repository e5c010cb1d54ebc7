import type { AgentEventOf } from './agent-events.ts'
import { member, text } from './event-context.ts'
import { type AgentEventType, componentEventKind, isTopicEventType, type TopicEventType } from './event-types.ts'

/** Tells by `event_type` alone: whether the payload fits is the codec's matter, so ask about events that a store gave. */
export type EventGuard<Type extends AgentEventType> = (event: unknown) => event is AgentEventOf<Type>

export const isNodeInvoke: EventGuard<'NodeInvoke'> = guard('NodeInvoke')
export const isNodeRespond: EventGuard<'NodeRespond'> = guard('NodeRespond')
export const isNodeFailed: EventGuard<'NodeFailed'> = guard('NodeFailed')
export const isToolInvoke: EventGuard<'ToolInvoke'> = guard('ToolInvoke')
export const isToolRespond: EventGuard<'ToolRespond'> = guard('ToolRespond')
export const isToolFailed: EventGuard<'ToolFailed'> = guard('ToolFailed')
export const isWorkflowInvoke: EventGuard<'WorkflowInvoke'> = guard('WorkflowInvoke')
export const isWorkflowRespond: EventGuard<'WorkflowRespond'> = guard('WorkflowRespond')
export const isWorkflowFailed: EventGuard<'WorkflowFailed'> = guard('WorkflowFailed')
export const isAssistantInvoke: EventGuard<'AssistantInvoke'> = guard('AssistantInvoke')
export const isAssistantRespond: EventGuard<'AssistantRespond'> = guard('AssistantRespond')
export const isAssistantFailed: EventGuard<'AssistantFailed'> = guard('AssistantFailed')
export const isTopicEvent: EventGuard<'TopicEvent'> = guard('TopicEvent')
export const isPublishToTopic: EventGuard<'PublishToTopic'> = guard('PublishToTopic')
export const isConsumeFromTopic: EventGuard<'ConsumeFromTopic'> = guard('ConsumeFromTopic')
export const isOutputTopic: EventGuard<'OutputTopic'> = guard('OutputTopic')
export const isStreamTopicEvent: EventGuard<'StreamTopicEvent'> = guard('StreamTopicEvent')

/** Any of the five types whose events belong to a topic; `isTopicEvent` is for the type of that name alone. */
export const isAnyTopicEvent: EventGuard<TopicEventType> = (event): event is AgentEventOf<TopicEventType> =>
  isTopicEventType(text(member(event, 'event_type')) ?? '')

/** A failure of a node, tool, workflow or assistant. */
export const isAnyFailed: EventGuard<FailedEventType> = (event): event is AgentEventOf<FailedEventType> =>
  componentEventKind(text(member(event, 'event_type')) ?? '')?.phase === 'failed'

export type FailedEventType = Extract<AgentEventType, `${string}Failed`>

function guard<Type extends AgentEventType>(type: Type): EventGuard<Type> {
  return (event): event is AgentEventOf<Type> => member(event, 'event_type') === type
}
