import { Handle, type Node, type NodeProps, Position } from '@xyflow/react'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { classes } from '../../../ui/classes.ts'
import { Icon } from '../../../ui/icons.tsx'
import styles from './graph.module.css'
import { placeName, type TopicNode } from './topic-graph.ts'

export interface TopicNodeData extends Record<string, unknown> {
  readonly node: TopicNode
  readonly color: string
  readonly isSelected: boolean
  /** Belongs to the run of the selected event. */
  readonly isRelated: boolean
  /** The Tab key leads to this one; the arrow keys from there. */
  readonly isEntrance: boolean
  readonly takesFocus: boolean
  readonly onSelect: (seq: number) => void
  readonly onMove: (event: KeyboardEvent, from: TopicNode) => void
}

export type TopicFlowNode = Node<TopicNodeData, 'topic'>

export function TopicNodeView({ data }: NodeProps<TopicFlowNode>) {
  const { node, color, isSelected, isRelated, isEntrance, takesFocus, onSelect, onMove } = data
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (takesFocus) button.current?.focus({ preventScroll: true })
  }, [takesFocus])
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} className={styles.handle} />
      <button
        ref={button}
        type="button"
        data-seq={node.seq}
        tabIndex={isEntrance ? 0 : -1}
        aria-pressed={isSelected}
        className={classes('nopan nodrag', styles.node, isSelected && styles.selected, isRelated && styles.related)}
        style={{ borderLeftColor: color }}
        title={`${placeName(node)}, ${doing(node)}`}
        onClick={() => onSelect(node.seq)}
        onKeyDown={(event) => onMove(event, node)}
      >
        <span className={styles.name}>
          <span className={styles.icon} style={{ color }}>
            <Icon name={node.type === 'ConsumeFromTopic' ? 'back' : 'topic'} size={12} />
          </span>
          <span>{placeName(node)}</span>
        </span>
        <span className={styles.by}>
          <span>{doing(node)}</span>
          <span className={styles.seq}>{node.seq}</span>
        </span>
      </button>
      <Handle type="source" position={Position.Right} isConnectable={false} className={styles.handle} />
    </>
  )
}

/** What happened: who published, who read. */
export function doing({ type, by }: Pick<TopicNode, 'type' | 'by'>): string {
  if (type === 'ConsumeFromTopic') return `read by ${by ?? 'nobody named'}`
  return type === 'PublishToTopic' ? `published by ${by ?? 'nobody named'}` : `${type}${by === null ? '' : ` by ${by}`}`
}
