import type { Context } from 'hono'

/** What both peers take and give: the shape of the store's own API, as far as the benchmark uses it. */
export interface AgentEvent extends Record<string, unknown> {
  readonly event_id: string
  readonly event_type: string
  readonly timestamp: string
  readonly assistant_request_id?: string
  readonly event_version?: string
  readonly event_context: {
    readonly name?: string
    readonly offset?: number
    readonly invoke_context: { readonly conversation_id: string; readonly user_id?: string }
  }
}

/** The events of a request, one or an array of them; null where it is not that. */
export async function readEvents(context: Context): Promise<AgentEvent[] | null> {
  const body: unknown = await context.req.json().catch(() => null)
  const events = Array.isArray(body) ? body : [body]
  return events.length > 0 && events.every(isEvent) ? events : null
}

export function conversationOf(event: AgentEvent): string {
  return event.event_context.invoke_context.conversation_id
}

export interface PageDemand {
  readonly after: number
  readonly limit: number
}

export function readPageDemand(context: Context): PageDemand {
  return { after: Number(context.req.query('after') ?? 0), limit: Number(context.req.query('limit') ?? 100) }
}

function isEvent(value: unknown): value is AgentEvent {
  const { event_id, event_type, timestamp, event_context } = (value ?? {}) as Partial<AgentEvent>
  return (
    typeof event_id === 'string' &&
    typeof event_type === 'string' &&
    typeof timestamp === 'string' &&
    typeof event_context?.invoke_context?.conversation_id === 'string'
  )
}
