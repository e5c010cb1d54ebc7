import type { DemoConversation } from './demo-conversation.ts'
import type { DemoService } from './demo-service.ts'

interface Computed {
  readonly requests: number
  readonly found: string
  readonly fault: string | null
}

interface Graph {
  readonly nodes: readonly { readonly event_id: string; readonly upstream: readonly string[] }[]
  readonly order: readonly string[]
}

/** The graph has every topic event, and its order puts nothing before what led to it. */
export async function checkGraph(service: DemoService, { id, events }: DemoConversation): Promise<Computed> {
  const { nodes, order } = (await service.json(`/v1/conversations/${encodeURIComponent(id)}/graph`)) as Graph
  const expected = new Set(events.filter((event) => event.ofTopic).map((event) => event.id))
  const place = new Map(order.map((node, at) => [node, at]))
  const links = nodes.reduce((sum, node) => sum + node.upstream.length, 0)
  const complete =
    nodes.length === expected.size && nodes.every((node) => expected.has(node.event_id) && place.has(node.event_id))
  const ordered = nodes.every(({ event_id, upstream }) =>
    upstream.every((one) => (place.get(one) ?? Number.POSITIVE_INFINITY) < (place.get(event_id) ?? -1)),
  )
  return {
    requests: 1,
    found: `${nodes.length} nodes, ${links} links`,
    fault: complete ? (ordered ? null : 'an event stands before what led to it') : `${expected.size} nodes were expected`,
  }
}

interface Summary {
  readonly total_requests: number
  readonly successful_responses: number
  readonly unfinished: readonly { readonly event_type: string }[]
}

/** What was cut short is found again: the invokes that nothing answered. */
export async function checkSummaries(service: DemoService, { runs }: DemoConversation): Promise<Computed> {
  let answered = 0
  let open = 0
  const faults: string[] = []
  for (const { requestId, finished } of runs) {
    const path = `/v1/assistant-requests/${encodeURIComponent(requestId)}/summary`
    const summary = (await service.json(path)) as Summary
    answered += summary.successful_responses
    open += summary.unfinished.length
    const expected = finished ? [] : ['AssistantInvoke', 'WorkflowInvoke']
    const unfinished = summary.unfinished.map((invoke) => invoke.event_type)
    const right = summary.total_requests === 1 && summary.successful_responses === (finished ? 1 : 0)
    if (!right || unfinished.join() !== expected.join()) faults.push(`request ${requestId} is summed up wrongly`)
  }
  const found = `${answered} answered, ${open} unfinished`
  return { requests: runs.length, found, fault: faults.length === 0 ? null : faults.join('; ') }
}
