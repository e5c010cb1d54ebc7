import { useMemo } from 'react'
import { Button } from '../../../ui/button/button.tsx'
import { Segmented } from '../../../ui/segmented/segmented.tsx'
import { SCALES, type Scale } from '../spans/axis.ts'
import { openEnds } from '../spans/requests.ts'
import type { Span } from '../spans/span.ts'
import type { Spans } from '../spans/spans.ts'
import styles from './timeline.module.css'

export interface ToolbarProps {
  readonly spans: Spans
  readonly until: number
  readonly scale: Scale
  readonly onScale: (scale: Scale) => void
  readonly zoom: Span | null
  /** The run of the selected event. */
  readonly zoomable: Span | null
  readonly onZoom: (span: Span | null) => void
  readonly seq: number | null
  readonly onSelect: (seq: number) => void
  readonly isCollapsed: boolean
  readonly onCollapse: (all: boolean) => void
}

const SCALE_WORDS: Readonly<Record<Scale, string>> = { time: 'Time', request: 'Per request', sequence: 'Sequence' }

export function Toolbar(props: ToolbarProps) {
  const { spans, until, scale, onScale, zoom, zoomable, onZoom, seq, onSelect, isCollapsed, onCollapse } = props
  const { failures, open } = useMemo(
    () => ({ failures: spans.failures.filter((one) => one <= until), open: openEnds(spans, until).map((span) => span.id) }),
    [spans, until],
  )
  return (
    <div className={styles.toolbar}>
      <Segmented label="Axis" choices={SCALES} selected={scale} onSelect={onScale} say={(one) => SCALE_WORDS[one]} />
      {zoom ? (
        <Button icon="close" onClick={() => onZoom(null)}>
          Zoomed to {zoom.name ?? zoom.family}
        </Button>
      ) : (
        <Button icon="search" disabled={!zoomable} onClick={() => onZoom(zoomable)}>
          Zoom to run
        </Button>
      )}
      <Button look="quiet" onClick={() => onCollapse(!isCollapsed)}>
        {isCollapsed ? 'Expand all' : 'Collapse all'}
      </Button>
      <span className={styles.jumps}>
        <Jump seqs={failures} seq={seq} word="failure" icon="alert" className={styles.bad} onSelect={onSelect} />
        <Jump seqs={open} seq={seq} word="open end" icon="unfinished" className={styles.stuck} onSelect={onSelect} />
      </span>
    </div>
  )
}

interface JumpProps extends Pick<ToolbarProps, 'seq' | 'onSelect'> {
  readonly seqs: readonly number[]
  readonly word: string
  readonly icon: 'alert' | 'unfinished'
  readonly className: string | undefined
}

/** To the next one behind the selected event, round and round. */
function Jump({ seqs, seq, word, icon, className, onSelect }: JumpProps) {
  const next = seqs.find((one) => one > (seq ?? 0)) ?? seqs[0]
  if (next === undefined) return null
  return (
    <Button look="quiet" icon={icon} className={className} title={`Go to the next ${word}`} onClick={() => onSelect(next)}>
      {seqs.length} {word}
      {seqs.length === 1 ? '' : 's'}
    </Button>
  )
}
