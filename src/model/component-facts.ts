import { componentOf, member, text } from './event-context.ts'
import type { ComponentFamily } from './event-types.ts'

/** What a component event tells of its component's run. In PostgreSQL `component_facts` reads the same from an event. */
export interface ComponentFacts {
  /** The component's id, else its name. */
  readonly component: string | null
  readonly name: string | null
  readonly type: string | null
  readonly invoke_id: string | null
  /** As the event has it. */
  readonly timestamp: string | null
  /** Tells inputs apart by their number of items and the first and last one's id; an LLM's input grows by every turn. */
  readonly input: readonly [number, string | null, string | null]
}

/** Reads them from an event of the family, as parsed from its JSON. */
export function componentFacts(family: ComponentFamily, event: unknown): ComponentFacts {
  const context = member(event, 'event_context')
  const { id, name, type } = componentOf(family, context)
  return {
    component: id ?? name,
    name,
    type,
    invoke_id: text(member(member(context, 'invoke_context'), 'invoke_id')),
    timestamp: text(member(event, 'timestamp')),
    input: inputOf(member(member(event, 'data'), 'input_data')),
  }
}

function inputOf(input: unknown): ComponentFacts['input'] {
  const items = Array.isArray(input) ? input : [input]
  return [items.length, itemId(items[0]), itemId(items.at(-1))]
}

function itemId(item: unknown): string | null {
  return text(member(item, 'event_id')) ?? text(member(item, 'message_id'))
}
