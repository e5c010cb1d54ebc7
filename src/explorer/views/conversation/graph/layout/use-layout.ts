import { useEffect, useMemo, useRef, useState } from 'react'
import type { TopicNode } from '../topic-graph.ts'
import { Layouts } from './layouts.ts'
import type { Place } from './part.ts'
import { type NamedPart, partsOf, stack } from './parts.ts'
import { WorkerMaker } from './worker-maker.ts'

export interface LaidOut {
  readonly nodes: readonly TopicNode[]
  readonly places: ReadonlyMap<number, Place>
}

const NOTHING: LaidOut = { nodes: [], places: new Map() }

/** The nodes with their places, as soon as these are known; until then those before. */
export function useLayout(nodes: readonly TopicNode[]): LaidOut & { readonly isBusy: boolean } {
  const layouts = useRef<Layouts>(null)
  const [laidOut, setLaidOut] = useState(NOTHING)
  const parts = useMemo(() => partsOf(nodes), [nodes])
  useEffect(() => {
    const maker = new WorkerMaker()
    layouts.current = new Layouts(maker)
    return () => maker.end()
  }, [])
  useEffect(() => {
    const { current } = layouts
    current?.want(parts, () => setLaidOut({ nodes, places: stack(laidOutParts(current, parts)) }))
  }, [nodes, parts])
  return { ...laidOut, isBusy: laidOut.nodes !== nodes }
}

function laidOutParts(layouts: Layouts, parts: readonly NamedPart[]) {
  return parts.flatMap((part) => {
    const layout = layouts.of(part)
    return layout ? [[part, layout] as const] : []
  })
}
