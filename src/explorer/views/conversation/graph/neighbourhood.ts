import { firstAfter } from '../spans/spans.ts'
import type { TopicNode } from './topic-graph.ts'

/**
 * So many events of a graph, those nearest to one of them along the edges, either way; where its own part of the graph is smaller, the
 * parts recorded next before and after it. In the order of recording, with the edges between them. All of it when it is no larger.
 */
export function neighbourhood(nodes: readonly TopicNode[], centre: number, limit: number): readonly TopicNode[] {
  if (nodes.length <= limit) return nodes
  const bySeq = new Map(nodes.map((node) => [node.seq, node]))
  const chosen = new Set<number>()
  const spread = (from: TopicNode) => {
    const queue = [from.seq]
    for (const seq of queue) {
      if (chosen.size === limit) return
      const node = bySeq.get(seq)
      if (!node || chosen.has(seq)) continue
      chosen.add(seq)
      for (const next of [...node.upstream, ...node.downstream]) if (!chosen.has(next)) queue.push(next)
    }
  }
  const at = Math.max(0, firstAfter(nodes, centre) - 1)
  for (let distance = 0; chosen.size < limit && distance < nodes.length; distance++) {
    for (const node of [nodes[at + distance], nodes[at - distance]]) if (node && !chosen.has(node.seq)) spread(node)
  }
  const isChosen = (seq: number) => chosen.has(seq)
  return nodes
    .filter(({ seq }) => chosen.has(seq))
    .map((node) => ({ ...node, upstream: node.upstream.filter(isChosen), downstream: node.downstream.filter(isChosen) }))
}

/** Whether two graphs have the same nodes and edges. */
export function isSameGraph(one: readonly TopicNode[], other: readonly TopicNode[]): boolean {
  const isSame = (some: readonly number[], others: readonly number[] = []) => some.join() === others.join()
  return (
    one.length === other.length &&
    one.every(({ seq, upstream, downstream }, index) => {
      const twin = other[index]
      return seq === twin?.seq && isSame(upstream, twin.upstream) && isSame(downstream, twin.downstream)
    })
  )
}
