import type { TopicNode } from '../topic-graph.ts'
import { PART_GAP, type Part, type PartLayout, type Place } from './part.ts'

export interface NamedPart extends Part {
  /** Tells parts apart: what has the same key has the same layout. */
  readonly key: string
  /** Of its nodes. */
  readonly seqs: readonly number[]
}

/** The parts of a graph that hang together, in the order of recording. Each is laid out for itself. */
export function partsOf(nodes: readonly TopicNode[]): NamedPart[] {
  const bySeq = new Map(nodes.map((node) => [node.seq, node]))
  const seen = new Set<number>()
  return nodes.flatMap((first) => {
    if (seen.has(first.seq)) return []
    seen.add(first.seq)
    const seqs = [first.seq]
    for (const seq of seqs) {
      const node = bySeq.get(seq)
      for (const next of [...(node?.upstream ?? []), ...(node?.downstream ?? [])]) {
        if (seen.has(next) || !bySeq.has(next)) continue
        seen.add(next)
        seqs.push(next)
      }
    }
    return partOf(
      seqs.toSorted((one, other) => one - other),
      bySeq,
    )
  })
}

function partOf(seqs: readonly number[], bySeq: ReadonlyMap<number, TopicNode>): NamedPart {
  const indexOf = new Map(seqs.map((seq, index) => [seq, index]))
  const edges = seqs.flatMap((seq, to) =>
    (bySeq.get(seq)?.upstream ?? []).flatMap((from) => {
      const index = indexOf.get(from)
      return index === undefined ? [] : [[index, to] as const]
    }),
  )
  return { key: `${seqs.join(' ')} ${edges.join(' ')}`, seqs, count: seqs.length, edges }
}

/** Parts one below the other, each from the left: where each node stands. */
export function stack(parts: readonly (readonly [NamedPart, PartLayout])[]): ReadonlyMap<number, Place> {
  const places = new Map<number, Place>()
  let top = 0
  for (const [{ seqs }, layout] of parts) {
    for (const [index, seq] of seqs.entries()) {
      const { x, y } = layout.places[index] ?? { x: 0, y: 0 }
      places.set(seq, { x, y: y + top })
    }
    top += layout.height + PART_GAP
  }
  return places
}
