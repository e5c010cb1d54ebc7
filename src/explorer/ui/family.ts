import { componentEventKind, isTopicEventType } from '../../model/event-types.ts'

/** What an event is of: one of Graphite's kinds of component, a topic, or an application. */
export type Family = 'assistant' | 'workflow' | 'node' | 'tool' | 'topic' | 'application'

export function familyOf(eventType: string): Family {
  return componentEventKind(eventType)?.family ?? (isTopicEventType(eventType) ? 'topic' : 'application')
}
