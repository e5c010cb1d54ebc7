import { FamilyLabel } from '../../../ui/badge/badge.tsx'
import { classes } from '../../../ui/classes.ts'
import { familyOf } from '../../../ui/family.ts'
import { formatClock, formatDuration } from '../../../ui/format.ts'
import { Icon } from '../../../ui/icons.tsx'
import { GridCell, GridRow } from '../grid.tsx'
import type { Axis } from '../spans/axis.ts'
import type { Row } from '../spans/rows.ts'
import {
  durationOf,
  endOf,
  extentOf,
  liesOutside,
  type Mark,
  marksOf,
  type Outcome,
  outcomeOf,
  type Span,
} from '../spans/span.ts'
import { rootOf } from './axes.ts'
import styles from './timeline.module.css'

export interface TimelineRowProps {
  readonly row: Row
  readonly index: number
  readonly top: number
  readonly height: number
  readonly axis: Axis
  readonly until: number
  readonly isCollapsed: boolean
  readonly isActive: boolean
  readonly isSelected: boolean
  /** The selected event. */
  readonly seq: number | null
  readonly rowId: string
}

/** Marks that are drawn on one line. More would lie upon each other. */
const MARKS = 200

/** One line: what runs, and when. Clicks are for the whole grid to hear: `data-seq` and `data-toggle` say on what. */
export function TimelineRow(props: TimelineRowProps) {
  const { row, index, top, height, isCollapsed, isActive, isSelected, until } = props
  const { span, mark, depth, hasChildren } = row
  return (
    <GridRow
      id={props.rowId}
      aria-rowindex={index + 2}
      aria-level={depth + 1}
      aria-expanded={hasChildren ? !isCollapsed : undefined}
      aria-selected={isSelected}
      className={classes(styles.row, isActive && styles.active, isSelected && styles.selected, depth === 0 && styles.top)}
      style={{ height, transform: `translateY(${top}px)` }}
      data-seq={row.id}
    >
      <GridCell className={styles.name} style={{ paddingLeft: 4 + Math.min(depth, 12) * 14 }}>
        <span className={styles.toggle} data-toggle={hasChildren ? row.id : undefined}>
          {hasChildren && <Icon name="chevron" size={10} />}
        </span>
        {span && <SpanName span={span} until={until} isCollapsed={isCollapsed} />}
        {mark && <FamilyLabel family={familyOf(mark.type)}>{mark.topic ? `${mark.type} ${mark.topic}` : mark.type}</FamilyLabel>}
      </GridCell>
      <GridCell className={styles.lane}>
        {span && <Bar span={span} {...props} />}
        {span && <Marks span={span} {...props} />}
        {mark && <MarkSign mark={mark} axis={props.axis} isSelected={isSelected} />}
      </GridCell>
    </GridRow>
  )
}

function SpanName({ span, until, isCollapsed }: { readonly span: Span; readonly until: number; readonly isCollapsed: boolean }) {
  const outcome = outcomeOf(span, until)
  const within = isCollapsed ? span.failuresWithin.filter((seq) => seq <= until).length : 0
  return (
    <>
      <FamilyLabel family={span.family}>{span.name || span.type || span.component || span.family}</FamilyLabel>
      {span.depth === 0 && span.begin && <span className={styles.when}>{formatClock(span.begin.at / 1000).slice(0, 8)}</span>}
      <span className={styles.state}>
        {within > 0 && (
          <span className={classes(styles.sign, styles.bad)}>
            <Icon name="alert" size={12} />
            {within} failed in it
          </span>
        )}
        {outcome === 'failed' && (
          <span className={classes(styles.sign, styles.narrowOnly, styles.bad)}>
            <Icon name="alert" size={12} />
            failed
          </span>
        )}
        {outcome === 'open' && (
          <span className={classes(styles.sign, styles.narrowOnly, styles.stuck)}>
            <Icon name="unfinished" size={12} />
            no end
          </span>
        )}
        <span className={classes(styles.narrowOnly, styles.took)}>{formatDuration(durationOf(span, until))}</span>
      </span>
    </>
  )
}

function Bar({ span, axis, until }: { readonly span: Span } & TimelineRowProps) {
  const outcome = outcomeOf(span, until)
  const [from, to] = sharesOf(span, axis, until)
  const duration = durationOf(span, until)
  const text = [duration === null ? null : formatDuration(duration), wordsOf(span, outcome)].filter((part) => part).join(' · ')
  // In the order of recording a run's topic events stand behind its end.
  const last = marksOf(span, until).at(-1)
  const { within, style } = labelPlace(from, last ? Math.max(to, axis.share(last)) : to)
  const tone = outcome === 'failed' ? styles.bad : outcome === 'open' ? styles.stuck : undefined
  return (
    <>
      <div
        className={classes(
          styles.bar,
          styles[span.family],
          outcome === 'failed' && styles.failed,
          outcome === 'open' && styles.unfinished,
          !span.begin && styles.headless,
          liesOutside(span, until) && styles.outside,
        )}
        style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
      />
      {text !== '' && (
        <span className={classes(styles.label, within && styles.within, tone)} style={style}>
          {outcome === 'failed' && <Icon name="alert" size={12} />}
          {outcome === 'open' && <Icon name="unfinished" size={12} />}
          <span className={styles.words}>{text}</span>
        </span>
      )}
    </>
  )
}

function wordsOf(span: Span, outcome: Outcome): string {
  if (outcome === 'open') return 'no end'
  if (outcome === 'failed') return span.error ?? 'failed'
  return span.begin ? '' : 'no beginning'
}

/** An open bar goes on as far as anything is known of what it is part of. */
function sharesOf(span: Span, axis: Axis, until: number): readonly [number, number] {
  const begin = span.begin ?? span.end ?? { seq: span.id, at: 0 }
  const from = axis.share(begin)
  const end = endOf(span, until)
  if (end) return [from, Math.max(from, axis.share(end))]
  const root = rootOf(span)
  const known = { at: extentOf(root, until)[1], seq: Math.min(until, root.lastSeq) }
  return [from, Math.max(from, axis.share(known))]
}

/** Where there is room for words: behind the bar, before it, or in it. */
function labelPlace(from: number, to: number) {
  const [before, within, behind] = [from, to - from, 1 - to]
  const percent = (share: number) => `${share * 100}%`
  const isBehind = behind > 0.3 || behind >= Math.max(before, within)
  if (isBehind) return { style: { left: `calc(${percent(to)} + 8px)`, maxWidth: `calc(${percent(behind)} - 8px)` } }
  if (before >= within) {
    return { style: { right: `calc(${percent(1 - from)} + 8px)`, maxWidth: `calc(${percent(before)} - 8px)` } }
  }
  return { within: true, style: { left: `calc(${percent(from)} + 10px)`, maxWidth: `calc(${percent(within)} - 20px)` } }
}

function Marks({ span, axis, until, seq }: { readonly span: Span } & TimelineRowProps) {
  const marks = marksOf(span, until)
  const shown = marks.length > MARKS ? marks.slice(-MARKS) : marks
  return shown.map((mark) => <MarkSign key={mark.seq} mark={mark} axis={axis} isSelected={mark.seq === seq} />)
}

function MarkSign({ mark, axis, isSelected }: { readonly mark: Mark; readonly axis: Axis; readonly isSelected: boolean }) {
  const isConsume = mark.type === 'ConsumeFromTopic'
  const family = familyOf(mark.type)
  const topic = mark.topic === null ? '' : ` ${mark.topic}${mark.offset === null ? '' : `[${mark.offset}]`}`
  return (
    <span
      className={classes(
        styles.mark,
        isConsume && styles.consume,
        family !== 'topic' && styles.custom,
        isSelected && styles.chosen,
      )}
      style={{ left: `${axis.share(mark) * 100}%` }}
      title={`${mark.type}${topic}`}
      data-seq={mark.seq}
    />
  )
}
