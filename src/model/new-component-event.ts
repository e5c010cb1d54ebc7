import type { EventEnvelope } from './agent-events.ts'
import { newId } from './event-clock.ts'
import { componentOf, member } from './event-context.ts'
import type { EventPayload, PayloadObject } from './event-payload.ts'
import { type ComponentEventType, componentEventKind } from './event-types.ts'
import { type RunContext, wireContext } from './invoke-context.ts'
import { envelope, type NewEvent } from './new-event.ts'

/** What a component's invoke event tells. */
export interface NewInvoke<Input> extends NewEvent {
  readonly invoke_context: RunContext
  /** The component's own id, which all its events share. Default: a new one. */
  readonly id?: string | undefined
  readonly name: string
  /** The component's class, such as `OpenAITool`. */
  readonly type: string
  readonly input_data: Input
}

/**
 * The invoke event that ends: its component, context and input are taken over. Or all of these once more; then with the
 * component's id, for this is how an end finds its invoke.
 */
export type EndOf<InvokeEvent, Invoke> =
  | (NewEvent & { readonly invoke: InvokeEvent })
  | (Invoke & { readonly id: string; readonly invoke?: undefined })

export interface Failure {
  /** What was thrown: of an `Error` its message, of anything else its text. */
  readonly error: unknown
  /** Whatever helps to find the cause. The event has no such member when it is not given. */
  readonly error_details?: PayloadObject | null | undefined
}

type InvokeEvent = EventEnvelope & { readonly data: { readonly input_data: EventPayload } }

/** A component event in Graphite's order of members; `outcome` follows the input in `data`. */
export function componentEvent<Type extends ComponentEventType, Outcome extends object>(
  event_type: Type,
  given: (NewEvent & { readonly invoke: InvokeEvent }) | (NewInvoke<unknown> & { readonly invoke?: undefined }),
  outcome: Outcome,
) {
  const family = componentEventKind(event_type)?.family ?? 'tool'
  const { invoke } = given
  const source = invoke?.event_context ?? given
  const component = invoke ? componentOf(family, source) : { id: given.id ?? newId(), name: given.name, type: given.type }
  const invoke_context = invoke ? invoke.event_context.invoke_context : wireContext(given.invoke_context)
  const request = invoke ? invoke.assistant_request_id : given.invoke_context.assistant_request_id
  const input_data = invoke ? invoke.data.input_data : (given.input_data as EventPayload)
  const model = member(source, 'model')
  return {
    ...envelope(event_type, given, request),
    event_context: {
      ...component,
      invoke_context,
      ...(family === 'node' && {
        subscribed_topics: topics(source, 'subscribed_topics'),
        publish_to_topics: topics(source, 'publish_to_topics'),
      }),
      ...(family === 'assistant' && typeof model === 'string' && model !== '' && { model }),
    },
    data: { input_data: copied(input_data), ...outcome },
  }
}

/** The members of a failed event's `data`. */
export function failed({ error, error_details }: Failure) {
  const text = textOf(error)
  return error_details == null ? { error: text } : { error: text, error_details }
}

/** Whatever was thrown: telling of a failure must not fail. */
function textOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error)
  } catch {
    return 'unknown error'
  }
}

/** Whoever goes on with the list that was given, such as a history, must not change the event. */
function copied<Payload>(payload: Payload): Payload {
  return Array.isArray(payload) ? ([...payload] as Payload) : payload
}

function topics(source: unknown, key: string): string[] {
  const found = member(source, key)
  return Array.isArray(found) ? [...found] : []
}
