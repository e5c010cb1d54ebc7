import { type RunContext, wireContext } from './invoke-context.ts'
import { envelope, type NewEvent } from './new-event.ts'

export interface NewCustomEvent<Type extends string, Data> extends NewEvent {
  /** Not one of Graphite's. Register its class with the `EventCodec` of every store that is to read it. */
  readonly event_type: Type
  readonly invoke_context: RunContext
  readonly data: Data
}

/** An event of a type of the application's own, in the form of Graphite's: what is not given is filled in as in these. */
export function customEvent<const Type extends string, Data>(event: NewCustomEvent<Type, Data>) {
  const invoke_context = wireContext(event.invoke_context)
  const { event_type, data } = event
  return { ...envelope(event_type, event, invoke_context.assistant_request_id), event_context: { invoke_context }, data }
}
