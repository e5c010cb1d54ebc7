import type { AgentEventOf } from './agent-events.ts'
import type { Message } from './message.ts'
import { componentEvent, type EndOf, type Failure, failed, type NewInvoke } from './new-component-event.ts'

type Consumed = AgentEventOf<'ConsumeFromTopic'>
type Published = AgentEventOf<'PublishToTopic'>

/** A node reads what its topics have for it, and publishes what its tool answered. */
export interface NewNodeInvoke extends NewInvoke<readonly Consumed[]> {
  /** Default: none. */
  readonly subscribed_topics?: readonly string[] | undefined
  /** Default: none. */
  readonly publish_to_topics?: readonly string[] | undefined
}
export type NewNodeRespond = EndOf<AgentEventOf<'NodeInvoke'>, NewNodeInvoke> & { readonly output_data: Published }
export type NewNodeFailed = EndOf<AgentEventOf<'NodeInvoke'>, NewNodeInvoke> & Failure

/** A tool takes and gives messages. */
export type NewToolInvoke = NewInvoke<readonly Message[]>
export type NewToolRespond = EndOf<AgentEventOf<'ToolInvoke'>, NewToolInvoke> & { readonly output_data: readonly Message[] }
export type NewToolFailed = EndOf<AgentEventOf<'ToolInvoke'>, NewToolInvoke> & Failure

/** A workflow takes a published event, and gives what it read from its output topics. */
export type NewWorkflowInvoke = NewInvoke<Published>
export type NewWorkflowRespond = EndOf<AgentEventOf<'WorkflowInvoke'>, NewWorkflowInvoke> & {
  readonly output_data: readonly Consumed[]
}
export type NewWorkflowFailed = EndOf<AgentEventOf<'WorkflowInvoke'>, NewWorkflowInvoke> & Failure

/** An assistant takes and gives what its workflow does. */
export interface NewAssistantInvoke extends NewInvoke<Published> {
  /** The event has no such member when it is not given. */
  readonly model?: string | null | undefined
}
export type NewAssistantRespond = EndOf<AgentEventOf<'AssistantInvoke'>, NewAssistantInvoke> & {
  readonly output_data: readonly Consumed[]
}
export type NewAssistantFailed = EndOf<AgentEventOf<'AssistantInvoke'>, NewAssistantInvoke> & Failure

/*
 * One constructor for each of Graphite's component events. The wire form is Graphite's: its members, in its order
 * (`ComponentEvent.to_dict`). Ids and the time are filled in where they are not given, see `NewEvent` and `NewInvoke`.
 * A respond or failed event is made from its invoke: `toolRespond({ invoke, output_data })`.
 */

export function nodeInvoke(event: NewNodeInvoke): AgentEventOf<'NodeInvoke'> {
  return componentEvent('NodeInvoke', event, {})
}

export function nodeRespond(event: NewNodeRespond): AgentEventOf<'NodeRespond'> {
  return componentEvent('NodeRespond', event, { output_data: event.output_data })
}

export function nodeFailed(event: NewNodeFailed): AgentEventOf<'NodeFailed'> {
  return componentEvent('NodeFailed', event, failed(event))
}

export function toolInvoke(event: NewToolInvoke): AgentEventOf<'ToolInvoke'> {
  return componentEvent('ToolInvoke', event, {})
}

export function toolRespond(event: NewToolRespond): AgentEventOf<'ToolRespond'> {
  return componentEvent('ToolRespond', event, { output_data: [...event.output_data] })
}

export function toolFailed(event: NewToolFailed): AgentEventOf<'ToolFailed'> {
  return componentEvent('ToolFailed', event, failed(event))
}

export function workflowInvoke(event: NewWorkflowInvoke): AgentEventOf<'WorkflowInvoke'> {
  return componentEvent('WorkflowInvoke', event, {})
}

export function workflowRespond(event: NewWorkflowRespond): AgentEventOf<'WorkflowRespond'> {
  return componentEvent('WorkflowRespond', event, { output_data: [...event.output_data] })
}

export function workflowFailed(event: NewWorkflowFailed): AgentEventOf<'WorkflowFailed'> {
  return componentEvent('WorkflowFailed', event, failed(event))
}

export function assistantInvoke(event: NewAssistantInvoke): AgentEventOf<'AssistantInvoke'> {
  return componentEvent('AssistantInvoke', event, {})
}

export function assistantRespond(event: NewAssistantRespond): AgentEventOf<'AssistantRespond'> {
  return componentEvent('AssistantRespond', event, { output_data: [...event.output_data] })
}

export function assistantFailed(event: NewAssistantFailed): AgentEventOf<'AssistantFailed'> {
  return componentEvent('AssistantFailed', event, failed(event))
}
