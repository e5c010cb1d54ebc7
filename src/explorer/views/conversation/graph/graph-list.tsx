import { useEffect, useRef } from 'react'
import { classes } from '../../../ui/classes.ts'
import styles from './graph.module.css'
import { placeName, type TopicNode } from './topic-graph.ts'
import { doing } from './topic-node.tsx'

export interface GraphListProps {
  readonly nodes: readonly TopicNode[]
  readonly selected: number | null
  readonly related: ReadonlySet<number>
  readonly onSelect: (seq: number) => void
}

/** Links to one side that are listed of one event. */
const LISTED = 12

/** The graph in words: each event with the way to those before and behind it. */
export function GraphList({ nodes, selected, related, onSelect }: GraphListProps) {
  const list = useRef<HTMLOListElement>(null)
  const shownFor = useRef<number | null>(null)
  useEffect(() => {
    if (selected === null || shownFor.current === selected) return
    const item = list.current?.querySelector(`[data-seq="${selected}"]`)
    if (item) shownFor.current = selected
    item?.scrollIntoView({ block: 'nearest' })
  }, [selected])
  const bySeq = new Map(nodes.map((node) => [node.seq, node]))
  const links = (words: string, seqs: readonly number[]) =>
    seqs.length > 0 && (
      <span className={styles.links}>
        {words}
        {seqs.slice(0, LISTED).map((seq) => {
          const node = bySeq.get(seq)
          return (
            <button key={seq} type="button" className={styles.link} onClick={() => onSelect(seq)}>
              {node ? `${placeName(node)} ${doing(node)}` : `event ${seq}`}
            </button>
          )
        })}
        {seqs.length > LISTED && `and ${seqs.length - LISTED} more`}
      </span>
    )
  return (
    <ol ref={list} className={styles.list} aria-label="Events of the graph">
      {nodes.map((node) => {
        const isSelected = node.seq === selected
        return (
          <li
            key={node.seq}
            data-seq={node.seq}
            className={classes(styles.item, isSelected && styles.selected, related.has(node.seq) && styles.related)}
          >
            <button type="button" aria-pressed={isSelected} className={styles.event} onClick={() => onSelect(node.seq)}>
              <strong>{placeName(node)}</strong> <span>{doing(node)}</span> <span className={styles.seq}>event {node.seq}</span>
            </button>
            {links('From', node.upstream)}
            {links('Leads to', node.downstream)}
          </li>
        )
      })}
    </ol>
  )
}
