import type { ComponentFacts } from './component-facts.ts'
import { componentEventKind } from './event-types.ts'
import { OpenInvokes } from './open-invokes.ts'

/** A component event, as far as pairing is concerned. */
export interface RunEvent {
  readonly event_id: string
  readonly event_type: string
  readonly facts: ComponentFacts
}

/**
 * Pairs the component events of one assistant request, in the order of recording: a respond or failed event ends an invoke of
 * the same family, component and `invoke_id`. Where several of these are open, it ends the oldest one that had the same input
 * (both events carry it: the ids in it are compared), else the oldest.
 */
export class RunPairs<Event extends RunEvent = RunEvent> {
  readonly #open = new OpenInvokes<Event>()

  /** The invoke that the event ends. Undefined for an invoke, for an end without one, and for what is no component event. */
  add(event: Event): Event | undefined {
    const kind = componentEventKind(event.event_type)
    if (!kind) return undefined
    const { component, invoke_id, input } = event.facts
    const key = JSON.stringify([kind.family, component, invoke_id])
    if (kind.phase !== 'invoke') return this.#open.end(key, JSON.stringify(input))
    this.#open.begin(key, JSON.stringify(input), event)
    return undefined
  }

  /** The invokes without an end, in the order of recording. */
  unfinished(): Event[] {
    return this.#open.remaining()
  }
}
