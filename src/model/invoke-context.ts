import { newId } from './event-clock.ts'

/** What an event belongs to (Graphite's `InvokeContext`). All events of one request share one. */
export type RunContext = {
  conversation_id: string
  /** One invocation, in which several assistants may take part. */
  invoke_id: string
  /** One request to one assistant. */
  assistant_request_id: string
  /** An empty string when it is not given. */
  user_id?: string | null | undefined
  /** Whatever the application passes along; an empty object when it is not given. */
  kwargs?: { [member: string]: unknown } | null | undefined
}

/** What `invokeContext` needs: a conversation. Ids that are not given are new ones. */
export type NewInvokeContext = Pick<RunContext, 'conversation_id' | 'user_id'> & {
  /** As in `RunContext`; an object of any type. */
  kwargs?: object | null | undefined
  invoke_id?: string | undefined
  assistant_request_id?: string | undefined
}

/** The context of a request to an assistant. Make one for every request and give it to all events of that request. */
export function invokeContext(given: NewInvokeContext): Required<RunContext> {
  return wireContext({
    ...given,
    kwargs: given.kwargs as RunContext['kwargs'],
    invoke_id: given.invoke_id ?? newId(),
    assistant_request_id: given.assistant_request_id ?? newId(),
  })
}

/** The context's members and defaults, in Graphite's order. */
export function wireContext({ conversation_id, invoke_id, assistant_request_id, user_id, kwargs }: RunContext) {
  return {
    conversation_id,
    invoke_id,
    assistant_request_id,
    user_id: user_id === undefined ? '' : user_id,
    kwargs: kwargs === undefined ? {} : kwargs,
  }
}
