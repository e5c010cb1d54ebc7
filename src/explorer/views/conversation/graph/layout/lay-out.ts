import { Graph, layout } from '@dagrejs/dagre'
import { layOutInColumns } from './columns.ts'
import { GAP, NODE, type Part, type PartLayout } from './part.ts'

/** Larger parts take dagre seconds, with many edges many: they are put in plain columns. */
const MAX_DAGRE_NODES = 200
const MAX_DAGRE_EDGES = 400

/** From left to right, what leads to something left of it. */
export function layOut(part: Part): PartLayout {
  const isLarge = part.count > MAX_DAGRE_NODES || part.edges.length > MAX_DAGRE_EDGES
  return isLarge ? layOutInColumns(part) : layOutByDagre(part)
}

function layOutByDagre({ count, edges }: Part): PartLayout {
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: GAP.across, ranksep: GAP.along })
  graph.setDefaultEdgeLabel(() => ({}))
  for (let node = 0; node < count; node++) graph.setNode(String(node), { ...NODE })
  for (const [from, to] of edges) graph.setEdge(String(from), String(to))
  layout(graph)
  const places = Array.from({ length: count }, (_, node) => {
    const { x = 0, y = 0 } = graph.node(String(node)) ?? {}
    return { x: x - NODE.width / 2, y: y - NODE.height / 2 }
  })
  return { places, height: Math.max(...places.map(({ y }) => y)) + NODE.height }
}
