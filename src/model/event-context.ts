import type { ComponentFamily } from './event-types.ts'

/** The topic that a topic event belongs to. */
export interface TopicPosition {
  readonly name: string | null
  readonly offset: number | null
}

/** The component that a component event tells of; a member that the event does not name is null. */
export interface ComponentIdentity {
  readonly id: string | null
  readonly name: string | null
  readonly type: string | null
}

/** Reads the topic from an event context; before Graphite 1.0 its name stood under `topic_name`. */
export function topicOf(context: unknown): TopicPosition {
  const offset = member(context, 'offset')
  return {
    name: text(member(context, 'name')) ?? text(member(context, 'topic_name')),
    offset: typeof offset === 'number' ? offset : null,
  }
}

/** Reads the component from an event context; before Graphite 1.0 the members were called `tool_id`, `tool_name` and so on. */
export function componentOf(family: ComponentFamily, context: unknown): ComponentIdentity {
  const read = (key: 'id' | 'name' | 'type') => text(member(context, key)) ?? text(member(context, `${family}_${key}`))
  return { id: read('id'), name: read('name'), type: read('type') }
}

/** An own member of a value of any kind. */
export function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
}

/** The value if it is a string. */
export function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
