import { member, text } from '../../../../model/event-context.ts'
import { eventGraphBuilder } from '../../../../model/event-graph.ts'
import { isTopicEventType } from '../../../../model/event-types.ts'
import type { ConversationItem } from '../../../data/conversation-item.ts'
import { firstAfter } from '../spans/spans.ts'

/** A topic event with what led to it and what it led to, by their seqs. */
export interface TopicNode {
  readonly seq: number
  readonly type: string
  readonly topic: string | null
  readonly offset: number | null
  /** Who published or read. */
  readonly by: string | null
  readonly request: string | null
  readonly upstream: readonly number[]
  readonly downstream: readonly number[]
}

type Facts = Pick<TopicNode, 'seq' | 'by' | 'request'>

/**
 * The model's event graph of a conversation, with the seqs of its events. Only ever appended to. Of a beginning of the events it has the
 * nodes up to there and the edges between them: what links two events never depends on later ones.
 */
export class TopicGraph {
  readonly #builder = eventGraphBuilder()
  readonly #facts = new Map<string, Facts>()
  #lastSeq = 0
  #nodes: readonly TopicNode[] = []

  /** Takes the items that it has not yet. They come in the order of seq. */
  feed(items: readonly ConversationItem[]): void {
    const known = this.#facts.size
    for (let at = firstAfter(items, this.#lastSeq); at < items.length; at++) {
      const item = items[at]
      if (item) this.#add(item)
    }
    if (this.#facts.size > known) this.#link()
  }

  /** In the order of recording. */
  upTo(until: number): readonly TopicNode[] {
    const end = firstAfter(this.#nodes, until)
    if (end === this.#nodes.length) return this.#nodes
    const isKnown = (seq: number) => seq <= until
    return this.#nodes
      .slice(0, end)
      .map((node) => ({ ...node, upstream: node.upstream.filter(isKnown), downstream: node.downstream.filter(isKnown) }))
  }

  #add({ seq, raw }: ConversationItem): void {
    this.#lastSeq = seq
    const id = text(member(raw, 'event_id'))
    if (id === null || this.#facts.has(id) || !isTopicEventType(text(member(raw, 'event_type')) ?? '')) return
    const context = member(raw, 'event_context')
    const by = text(member(context, 'publisher_name')) ?? text(member(context, 'consumer_name'))
    this.#facts.set(id, { seq, by: by === '' ? null : by, request: text(member(raw, 'assistant_request_id')) })
    this.#builder.add(raw)
  }

  #link(): void {
    const seqsOf = (ids: readonly string[]) => ids.map((id) => this.#facts.get(id)?.seq).filter((seq) => seq !== undefined)
    this.#nodes = this.#builder.finish().nodes.flatMap(({ event_id, event_type, topic, offset, upstream, downstream }) => {
      const facts = this.#facts.get(event_id)
      if (!facts) return []
      return { ...facts, type: event_type, topic, offset, upstream: seqsOf(upstream), downstream: seqsOf(downstream) }
    })
  }
}

/** `topic[offset]` */
export function placeName({ topic, offset }: Pick<TopicNode, 'topic' | 'offset'>): string {
  return offset === null ? (topic ?? 'no topic') : `${topic ?? 'no topic'}[${offset}]`
}
