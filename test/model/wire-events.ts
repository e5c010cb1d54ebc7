import type { AgentEvent, AgentEventOf } from '../../src/model/agent-events.ts'
import { type EventPayload, payloadItems } from '../../src/model/event-payload.ts'
import type { AgentEventType } from '../../src/model/event-types.ts'
import * as made from '../../src/model/public.ts'

type Consumed = AgentEventOf<'ConsumeFromTopic'>
type Published = AgentEventOf<'PublishToTopic'>

interface Facts {
  event_id: string
  timestamp: string
  invoke_context: made.RunContext
  id: string
  name: string
  type: string
  offset: number
  [member: string]: unknown
}

/** Calls the constructor of an event's type with what a recorded event of that type tells, in an order of its own. */
export function remade(event: AgentEvent): AgentEvent {
  const { event_context, data, event_id, timestamp } = event
  const lists = typeof data === 'string' ? { data } : (data as { input_data: unknown; output_data: unknown })
  const facts = { ...lists, ...event_context, timestamp, event_id } as unknown as Facts
  const { invoke_context, id, name, type } = facts
  const component = { timestamp, event_id, type, name, id, invoke_context }
  const topic = { ...facts, type: type as made.TopicType, data: payloadItems(data as EventPayload) as made.Message[] }
  const messages = { input_data: facts.input_data as made.Message[], output_data: facts.output_data as made.Message[] }
  const node = { ...component, input_data: facts.input_data as Consumed[] }
  const flow = { ...component, input_data: facts.input_data as Published }
  const output_data = facts.output_data as Consumed[]
  const failure = { error: facts.error }
  const makers: Record<AgentEventType, () => AgentEvent> = {
    NodeInvoke: () => made.nodeInvoke(node),
    NodeRespond: () => made.nodeRespond({ ...node, output_data: facts.output_data as Published }),
    NodeFailed: () => made.nodeFailed({ ...node, ...failure }),
    ToolInvoke: () => made.toolInvoke({ ...component, ...messages }),
    ToolRespond: () => made.toolRespond({ ...component, ...messages }),
    ToolFailed: () => made.toolFailed({ ...component, ...messages, ...failure }),
    WorkflowInvoke: () => made.workflowInvoke(flow),
    WorkflowRespond: () => made.workflowRespond({ ...flow, output_data }),
    WorkflowFailed: () => made.workflowFailed({ ...flow, ...failure }),
    AssistantInvoke: () => made.assistantInvoke(flow),
    AssistantRespond: () => made.assistantRespond({ ...flow, output_data }),
    AssistantFailed: () => made.assistantFailed({ ...flow, ...failure }),
    PublishToTopic: () => made.publishToTopic(topic),
    ConsumeFromTopic: () => made.consumeFromTopic(topic),
    OutputTopic: () => made.outputTopic(topic),
    TopicEvent: () => made.topicEvent(topic),
    StreamTopicEvent: () => made.streamTopicEvent(topic),
  }
  return makers[event.event_type]()
}
