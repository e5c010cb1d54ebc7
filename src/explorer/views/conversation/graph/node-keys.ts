import { NODE, type Place } from './layout/part.ts'
import type { TopicNode } from './topic-graph.ts'

export interface Graph {
  /** In the order of recording. */
  readonly nodes: readonly TopicNode[]
  readonly places: ReadonlyMap<number, Place>
}

/** Where a key leads from a node: along the edges to the sides, up and down among what stands there. Null: nowhere. */
export function nodeBehind(key: string, from: TopicNode, { nodes, places }: Graph): number | null {
  switch (key) {
    case 'ArrowRight':
      return highest(from.downstream, places)
    case 'ArrowLeft':
      return highest(from.upstream, places)
    case 'ArrowDown':
    case 'ArrowUp':
      return beside(key === 'ArrowDown' ? 1 : -1, from, { nodes, places })
    case 'Home':
      return nodes[0]?.seq ?? null
    case 'End':
      return nodes.at(-1)?.seq ?? null
    default:
      return null
  }
}

function highest(seqs: readonly number[], places: Graph['places']): number | null {
  return seqs.toSorted((one, other) => (places.get(one)?.y ?? 0) - (places.get(other)?.y ?? 0))[0] ?? null
}

/** A step aside counts little against a step up or down. */
function beside(direction: 1 | -1, from: TopicNode, { nodes, places }: Graph): number | null {
  const start = places.get(from.seq)
  if (!start) return null
  let best: { readonly seq: number; readonly cost: number } | null = null
  for (const { seq } of nodes) {
    const place = places.get(seq)
    const down = ((place?.y ?? start.y) - start.y) * direction
    if (!place || down < NODE.height / 2) continue
    const cost = down + Math.abs(place.x - start.x) / 4
    if (!best || cost < best.cost) best = { seq, cost }
  }
  return best?.seq ?? null
}
