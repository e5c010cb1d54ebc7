import '@xyflow/react/dist/base.css'
import { Background, type Edge, MarkerType, MiniMap, Panel, ReactFlow, type ReactFlowInstance } from '@xyflow/react'
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { IconButton } from '../../../ui/button/button.tsx'
import { useIsDark } from '../../../ui/theme.ts'
import { NARROW, useMedia } from '../use-media.ts'
import styles from './graph.module.css'
import { NODE } from './layout/part.ts'
import type { LaidOut } from './layout/use-layout.ts'
import { nodeBehind } from './node-keys.ts'
import { topicColors } from './topic-colors.ts'
import type { TopicNode } from './topic-graph.ts'
import { type TopicFlowNode, TopicNodeView } from './topic-node.tsx'
import { centred, firstViewport, isInSight } from './viewport.ts'

const NODE_TYPES = { topic: TopicNodeView }

/** More are drawn only while they are in sight. */
const MANY_NODES = 200

/** Fewer are seen at once. */
const FEW_NODES = 12

/** In pixels: most graphs are much wider than high. */
const MAP_SIZE = { width: 200, height: 84 }

export interface GraphCanvasProps extends LaidOut {
  /** The event that is selected, where it is one of the graph. */
  readonly selected: number | null
  readonly related: ReadonlySet<number>
  readonly onSelect: (seq: number) => void
}

export function GraphCanvas({ nodes, places, selected, related, onSelect }: GraphCanvasProps) {
  const isNarrow = useMedia(NARROW)
  const isDark = useIsDark()
  const canvas = useRef<HTMLDivElement>(null)
  const [flow, setFlow] = useState<ReactFlowInstance<TopicFlowNode, Edge> | null>(null)
  // A new object for every key, so that a node is focused again after the focus has been elsewhere.
  const [focus, setFocus] = useState<{ readonly seq: number } | null>(null)
  const colors = useMemo(() => topicColors(nodes), [nodes])

  const focusPlace = places.get(selected ?? [...related][0] ?? 0)
  const sizeOf = useCallback(() => {
    const { clientWidth = 0, clientHeight = 0 } = canvas.current ?? {}
    return { width: clientWidth, height: clientHeight }
  }, [])
  const show = useCallback(
    (seq: number) => {
      const place = places.get(seq)
      if (!flow || !place || isInSight(place, sizeOf(), flow.getViewport())) return
      void flow.setViewport(centred(place, sizeOf(), flow.getZoom()))
    },
    [flow, places, sizeOf],
  )

  // What its reader looks at stays where it is when the graph around it changes.
  const lastPlaces = useRef(places)
  useEffect(() => {
    const before = lastPlaces.current
    lastPlaces.current = places
    const anchor = [selected, focus?.seq].find((seq) => typeof seq === 'number' && before.has(seq) && places.has(seq))
    const [from, to] = [before.get(anchor ?? 0), places.get(anchor ?? 0)]
    if (!flow || !from || !to || (from.x === to.x && from.y === to.y)) return
    const { x, y, zoom } = flow.getViewport()
    if (!isInSight(from, sizeOf(), { x, y, zoom })) return
    void flow.setViewport({ x: x + (from.x - to.x) * zoom, y: y + (from.y - to.y) * zoom, zoom })
  }, [flow, places, selected, focus, sizeOf])

  const isPlaced = useRef(false)
  useEffect(() => {
    if (!flow || isPlaced.current || places.size === 0) return
    isPlaced.current = true
    void flow.setViewport(firstViewport(places, sizeOf(), focusPlace))
  }, [flow, places, focusPlace, sizeOf])
  const shownFor = useRef<number | null>(null)
  useEffect(() => {
    if (selected === shownFor.current || !flow || (selected !== null && !places.has(selected))) return
    shownFor.current = selected
    if (selected !== null) show(selected)
  }, [selected, show, flow, places])

  const select = useCallback(
    (seq: number) => {
      shownFor.current = seq
      setFocus({ seq })
      onSelect(seq)
    },
    [onSelect],
  )
  const move = useCallback(
    (event: KeyboardEvent, from: TopicNode) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return
      const next = nodeBehind(event.key, from, { nodes, places })
      if (next === null) return
      event.preventDefault()
      setFocus({ seq: next })
      show(next)
    },
    [nodes, places, show],
  )

  const entrance = [focus?.seq, selected, nodes[0]?.seq].find((seq) => typeof seq === 'number' && places.has(seq))
  const flowNodes = useMemo(
    () =>
      nodes.map((node): TopicFlowNode => {
        const { seq } = node
        return {
          id: String(seq),
          type: 'topic',
          position: places.get(seq) ?? { x: 0, y: 0 },
          ...NODE,
          measured: NODE,
          data: {
            node,
            color: colors.get(node.topic) ?? 'var(--topic)',
            isSelected: seq === selected,
            isRelated: related.has(seq),
            isEntrance: seq === entrance,
            takesFocus: seq === focus?.seq,
            onSelect: select,
            onMove: move,
          },
        }
      }),
    [nodes, places, colors, selected, related, entrance, focus, select, move],
  )
  const edges = useMemo(() => nodes.flatMap((node) => edgesTo(node, selected)), [nodes, selected])
  return (
    <div ref={canvas} className={styles.canvas}>
      <ReactFlow
        nodes={flowNodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        onInit={setFlow}
        colorMode={isDark ? 'dark' : 'light'}
        minZoom={0.05}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        panActivationKeyCode={null}
        panOnScroll
        zoomOnDoubleClick={false}
        onlyRenderVisibleElements={nodes.length > MANY_NODES}
        aria-label="Event graph"
        ariaLabelConfig={{ 'minimap.ariaLabel': 'Map of the graph' }}
      >
        <Background gap={20} size={1} />
        {!isNarrow && nodes.length > FEW_NODES && (
          <MiniMap pannable zoomable nodeColor={colorOf} className={styles.map} style={MAP_SIZE} />
        )}
        <Panel position="bottom-left" className={styles.controls}>
          <IconButton icon="plus" label="Zoom in" look="plain" onClick={() => void flow?.zoomIn()} />
          <IconButton icon="minus" label="Zoom out" look="plain" onClick={() => void flow?.zoomOut()} />
          <IconButton icon="fit" label="Fit all in view" look="plain" onClick={() => void flow?.fitView({ padding: 0.06 })} />
        </Panel>
      </ReactFlow>
    </div>
  )
}

function edgesTo({ seq, upstream }: TopicNode, selected: number | null): Edge[] {
  return upstream.map((from) => {
    const isNear = seq === selected || from === selected
    return {
      id: `${from}-${seq}`,
      source: String(from),
      target: String(seq),
      className: isNear ? (styles.near ?? '') : (styles.edge ?? ''),
      markerEnd: {
        type: MarkerType.ArrowClosed,
        color: isNear ? 'var(--accent)' : 'var(--line-strong)',
        markerUnits: 'userSpaceOnUse',
        width: 18,
        height: 18,
      },
      zIndex: isNear ? 1 : 0,
    }
  })
}

function colorOf({ data: { color, isSelected } }: TopicFlowNode): string {
  return isSelected ? 'var(--accent-fill)' : color
}
