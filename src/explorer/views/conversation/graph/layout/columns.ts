import { GAP, NODE, type Part, type PartLayout } from './part.ts'

/** A node's column is behind those of all that lead to it; in a column the order is that of what leads there. Takes O(n log n). */
export function layOutInColumns({ count, edges }: Part): PartLayout {
  const upstream: number[][] = Array.from({ length: count }, () => [])
  const downstream: number[][] = Array.from({ length: count }, () => [])
  const waiting = new Array<number>(count).fill(0)
  for (const [from, to] of edges) {
    upstream[to]?.push(from)
    downstream[from]?.push(to)
    waiting[to] = (waiting[to] ?? 0) + 1
  }
  const column = new Array<number>(count).fill(0)
  // Nodes of a cycle never become ready, and stay in the first column.
  const ready = waiting.flatMap((left, node) => (left === 0 ? [node] : []))
  for (const node of ready) {
    for (const next of downstream[node] ?? []) {
      column[next] = Math.max(column[next] ?? 0, (column[node] ?? 0) + 1)
      waiting[next] = (waiting[next] ?? 0) - 1
      if (waiting[next] === 0) ready.push(next)
    }
  }
  const columns: number[][] = []
  for (const [node, at] of column.entries()) {
    columns[at] ??= []
    columns[at].push(node)
  }
  const row = new Array<number>(count).fill(0)
  for (const nodes of columns) {
    const wish = new Map(nodes.map((node) => [node, mean((upstream[node] ?? []).map((from) => row[from] ?? 0))]))
    nodes.sort((one, other) => (wish.get(one) ?? 0) - (wish.get(other) ?? 0) || one - other)
    for (const [at, node] of nodes.entries()) row[node] = at
  }
  const [stepX, stepY] = [NODE.width + GAP.along, NODE.height + GAP.across]
  const places = column.map((at, node) => ({ x: at * stepX, y: (row[node] ?? 0) * stepY }))
  return { places, height: places.reduce((most, { y }) => Math.max(most, y), 0) + NODE.height }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
