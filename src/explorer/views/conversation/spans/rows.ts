import { isPlaced, type Mark, type Span } from './span.ts'
import { isSpan, type Root } from './spans.ts'

/** A line of the timeline: a run, or an event that belongs to none. */
export interface Row {
  /** The seq by which it is selected. */
  readonly id: number
  readonly depth: number
  readonly span: Span | null
  readonly mark: Mark | null
  readonly hasChildren: boolean
}

/** The lines of what was recorded up to a seq, without those below a collapsed run. */
export function rowsOf(roots: readonly Root[], until: number, collapsed: ReadonlySet<number>): Row[] {
  const rows: Row[] = []
  const add = (span: Span) => {
    const [first] = span.children
    const hasChildren = first !== undefined && first.id <= until
    rows.push({ id: span.id, depth: span.depth, span, mark: null, hasChildren })
    if (!hasChildren || collapsed.has(span.id)) return
    for (const child of span.children) {
      if (child.id > until) break
      add(child)
    }
  }
  for (const root of roots) {
    if (isSpan(root)) {
      if (root.id <= until) add(root)
    } else if (root.seq <= until && !isPlaced(root, until)) {
      rows.push({ id: root.seq, depth: 0, span: null, mark: root, hasChildren: false })
    }
  }
  return rows
}
