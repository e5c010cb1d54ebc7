const COMPONENT_FAMILIES = ['assistant', 'workflow', 'node', 'tool'] as const
export type ComponentFamily = (typeof COMPONENT_FAMILIES)[number]

/** What a component event tells of its component's run: it began, it ended well, it ended with an error. */
export type ComponentPhase = 'invoke' | 'respond' | 'failed'

export const COMPONENT_EVENT_TYPES = [
  'NodeInvoke',
  'NodeRespond',
  'NodeFailed',
  'ToolInvoke',
  'ToolRespond',
  'ToolFailed',
  'WorkflowInvoke',
  'WorkflowRespond',
  'WorkflowFailed',
  'AssistantInvoke',
  'AssistantRespond',
  'AssistantFailed',
] as const
export type ComponentEventType = (typeof COMPONENT_EVENT_TYPES)[number]

/** `OutputTopic` and `StreamTopicEvent` come from Graphite before 1.0. */
export const TOPIC_EVENT_TYPES = ['TopicEvent', 'PublishToTopic', 'ConsumeFromTopic', 'OutputTopic', 'StreamTopicEvent'] as const
export type TopicEventType = (typeof TOPIC_EVENT_TYPES)[number]

/** Graphite's own event types (`EventType`), those of its earlier versions included. Applications add theirs. */
export const AGENT_EVENT_TYPES = [...COMPONENT_EVENT_TYPES, ...TOPIC_EVENT_TYPES] as const
export type AgentEventType = (typeof AGENT_EVENT_TYPES)[number]

/** What a read of a topic returns, as Graphite's `get_topic_events` does. */
export const PUBLISH_EVENT_TYPES = ['PublishToTopic', 'TopicEvent'] as const satisfies readonly TopicEventType[]

const COMPONENT_EVENTS: ReadonlyMap<string, { readonly family: ComponentFamily; readonly phase: ComponentPhase }> = new Map(
  COMPONENT_FAMILIES.flatMap((family) =>
    (['invoke', 'respond', 'failed'] as const).map(
      (phase) => [`${capital(family)}${capital(phase)}`, { family, phase }] as const,
    ),
  ),
)

const AGENT_EVENTS: ReadonlySet<unknown> = new Set(AGENT_EVENT_TYPES)

const TOPIC_EVENTS: ReadonlySet<string> = new Set(TOPIC_EVENT_TYPES)

/** Family and phase of a component event's type; undefined for every other type. */
export function componentEventKind(
  eventType: string,
): { readonly family: ComponentFamily; readonly phase: ComponentPhase } | undefined {
  return COMPONENT_EVENTS.get(eventType)
}

/** Whether this is one of Graphite's own types. */
export function isAgentEventType(eventType: unknown): eventType is AgentEventType {
  return AGENT_EVENTS.has(eventType)
}

/** Whether events of this type belong to a topic. */
export function isTopicEventType(eventType: string): eventType is TopicEventType {
  return TOPIC_EVENTS.has(eventType)
}

/** Event names of Atlan's application SDK (`ApplicationEventNames`). Applications publish names of their own beside them. */
export const APPLICATION_EVENT_NAMES = [
  'workflow_start',
  'workflow_end',
  'activity_start',
  'activity_end',
  'worker_start',
  'worker_end',
  'application_start',
  'application_end',
  'token_refresh',
] as const
export type ApplicationEventName = (typeof APPLICATION_EVENT_NAMES)[number]

/** The names that tell of a workflow's or an activity's beginning and end. A retried publish repeats them. */
export const LIFECYCLE_EVENT_NAMES = [
  'workflow_start',
  'workflow_end',
  'activity_start',
  'activity_end',
] as const satisfies readonly ApplicationEventName[]
export type LifecycleEventName = (typeof LIFECYCLE_EVENT_NAMES)[number]

export const WORKFLOW_STATES = ['unknown', 'running', 'completed', 'failed'] as const
export type WorkflowState = (typeof WORKFLOW_STATES)[number]

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`
}
