import { member, text, topicOf } from './event-context.ts'
import { isTopicEventType, type TopicEventType } from './event-types.ts'
import { MinHeap } from './min-heap.ts'
import { rebuildState } from './rebuild-state.ts'
import { compareInstants, type Instant, toInstant } from './timestamp.ts'

export interface EventGraphNode {
  readonly event_id: string
  readonly event_type: TopicEventType
  readonly topic: string | null
  readonly offset: number | null
  /** Ids of the events that led to this one: what a publish consumed, what a consume reads. Only events of the graph. */
  readonly upstream: readonly string[]
  /** Ids of the events that this one led to. */
  readonly downstream: readonly string[]
}

export interface EventGraph {
  /** In the order of recording. */
  readonly nodes: readonly EventGraphNode[]
  /** Ids of the nodes without upstream, in the order of recording. */
  readonly roots: readonly string[]
  /** All ids, upstream first; ties by timestamp, then event id. */
  readonly order: readonly string[]
}

export interface EventGraphBuilder {
  /** Takes the next recorded event, as parsed from its JSON. Events of no topic and repeated ids are passed over. */
  add(event: unknown): void
  finish(): EventGraph
}

interface Node {
  readonly event_id: string
  readonly event_type: TopicEventType
  readonly topic: string | null
  readonly offset: number | null
  readonly run: string
  readonly at: Instant
  readonly consumed: readonly string[]
  readonly upstream: Node[]
  readonly downstream: Node[]
  /** Upstream nodes that stand not yet in the order. */
  waitingFor: number
}

const UNKNOWN_TIME: Instant = { seconds: 0, micros: 0 }

/**
 * Builds the graph of the topic events of one conversation, fed event by event in the order of recording. It follows
 * Graphite: a publish leads back to the events it names in `consumed_event_ids`, a consume to the publish with the same
 * topic and offset. Offsets restart in every run, so the two must also share their assistant request; of several such
 * publishes the first recorded counts. Ids that lead nowhere are left out. Takes O(n log n) for any input.
 */
export function eventGraphBuilder(): EventGraphBuilder {
  const nodes = new Map<string, Node>()
  return {
    add(event) {
      const node = toNode(event)
      if (node && !nodes.has(node.event_id)) nodes.set(node.event_id, node)
    },
    finish() {
      link(nodes)
      const all = [...nodes.values()]
      return {
        nodes: all.map(({ event_id, event_type, topic, offset, upstream, downstream }) => ({
          event_id,
          event_type,
          topic,
          offset,
          upstream: upstream.map((node) => node.event_id),
          downstream: downstream.map((node) => node.event_id),
        })),
        roots: all.filter((node) => node.upstream.length === 0).map((node) => node.event_id),
        order: order(all).map((node) => node.event_id),
      }
    },
  }
}

/** The graph of events in the order of recording, as a store's lists or iterators give them; see `eventGraphBuilder`. */
export function eventGraph(events: Iterable<unknown>): EventGraph
export function eventGraph(events: AsyncIterable<unknown>): Promise<EventGraph>
export function eventGraph(events: Iterable<unknown> | AsyncIterable<unknown>): EventGraph | Promise<EventGraph> {
  const builder = eventGraphBuilder()
  if (Symbol.asyncIterator in events) return rebuildState(events, add, builder).then((built) => built.finish())
  return rebuildState(events, add, builder).finish()
}

function add(builder: EventGraphBuilder, event: unknown): EventGraphBuilder {
  builder.add(event)
  return builder
}

function toNode(event: unknown): Node | null {
  const event_id = text(member(event, 'event_id'))
  const event_type = text(member(event, 'event_type'))
  if (event_id === null || event_type === null || !isTopicEventType(event_type)) return null
  const context = member(event, 'event_context')
  const topic = topicOf(context)
  const consumed = member(context, 'consumed_event_ids')
  return {
    event_id,
    event_type,
    topic: topic.name,
    offset: topic.offset,
    run: text(member(event, 'assistant_request_id')) ?? '',
    at: toInstant(text(member(event, 'timestamp')) ?? '') ?? UNKNOWN_TIME,
    consumed: Array.isArray(consumed) ? consumed.filter((id) => typeof id === 'string') : [],
    upstream: [],
    downstream: [],
    waitingFor: 0,
  }
}

function link(nodes: ReadonlyMap<string, Node>): void {
  const published = new Map<string, Node>()
  for (const node of nodes.values()) {
    const key = node.event_type === 'ConsumeFromTopic' ? null : positionKey(node)
    if (key !== null && !published.has(key)) published.set(key, node)
  }
  for (const node of nodes.values()) {
    node.upstream.length = 0
    node.downstream.length = 0
  }
  for (const node of nodes.values()) {
    const sources = new Set<Node | undefined>(node.consumed.map((id) => nodes.get(id)))
    const key = node.event_type === 'ConsumeFromTopic' ? positionKey(node) : null
    if (key !== null) sources.add(published.get(key))
    for (const source of sources) {
      if (!source) continue
      node.upstream.push(source)
      source.downstream.push(node)
    }
    node.waitingFor = node.upstream.length
  }
}

function positionKey({ run, topic, offset }: Node): string | null {
  return topic === null || offset === null ? null : JSON.stringify([run, topic, offset])
}

/**
 * Kahn's algorithm with a heap, so that of all nodes that are ready the earliest comes first. What remains stands in a
 * cycle or behind one (no real run has any): it comes last, in the order of ties.
 */
function order(nodes: readonly Node[]): Node[] {
  const ready = new MinHeap<Node>(compareNodes)
  for (const node of nodes) if (node.waitingFor === 0) ready.push(node)
  const ordered: Node[] = []
  for (let node = ready.pop(); node; node = ready.pop()) {
    ordered.push(node)
    for (const next of node.downstream) {
      next.waitingFor--
      if (next.waitingFor === 0) ready.push(next)
    }
  }
  if (ordered.length === nodes.length) return ordered
  return [...ordered, ...nodes.filter((node) => node.waitingFor > 0).sort(compareNodes)]
}

function compareNodes(a: Node, b: Node): number {
  return compareInstants(a.at, b.at) || (a.event_id < b.event_id ? -1 : 1)
}
