import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { formatDuration } from '../../../ui/format.ts'
import { NARROW, useMedia } from '../../conversation/use-media.ts'
import { placeOn, type RunAxis, runAxis } from '../model/run-axis.ts'
import { type RunRow, runRows } from '../model/run-rows.ts'
import type { ShownState } from '../model/run-state.ts'
import type { WorkflowRun } from '../model/workflow-run.ts'
import { RunLine } from './run-line.tsx'
import styles from './timeline.module.css'
import { percent } from './track.tsx'

export interface RunTimelineProps {
  readonly run: WorkflowRun
  readonly state: ShownState
  /** Unix milliseconds. */
  readonly now: number
  readonly onSelect: (seq: number) => void
}

/** Pixels of a line before it is measured. */
const LINE = { wide: 36, narrow: 56 }

/** The run's activities with their attempts, one below the other on one axis. */
export function RunTimeline({ run, state, now, onSelect }: RunTimelineProps) {
  const isNarrow = useMedia(NARROW)
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const rows = useMemo(() => runRows(run, open), [run, open])
  const [first, last] = run.extent ?? [now, now]
  const until = state === 'running' ? Math.max(now, last) : last
  const axis = useMemo(() => runAxis(first, until, isNarrow ? 4 : 8), [first, until, isNarrow])
  const { list, margin } = useScrollMargin()
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (isNarrow ? LINE.narrow : LINE.wide),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
    scrollMargin: margin,
  })

  const toggle = (key: string, shouldOpen = !open.has(key)) => {
    const next = new Set(open)
    if (shouldOpen) next.add(key)
    else next.delete(key)
    setOpen(next)
  }
  const choose = (row: RunRow) => {
    if (row.kind === 'attempt') onSelect(row.attempt.seqs.at(-1) ?? 1)
    else if (row.kind === 'event') onSelect(row.event.seq)
    else toggle(row.key)
  }
  const onKeyDown = (event: KeyboardEvent, index: number, row: RunRow) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      focusLine(list.current, index + (event.key === 'ArrowDown' ? 1 : -1))
    } else if ((event.key === 'ArrowRight' || event.key === 'ArrowLeft') && 'isOpen' in row) {
      event.preventDefault()
      toggle(row.key, event.key === 'ArrowRight')
    }
  }

  return (
    <div className={styles.timeline}>
      <Ticks axis={axis} />
      <div className={styles.body}>
        <Grid axis={axis} />
        <ul
          ref={list}
          className={styles.lines}
          style={{ height: virtualizer.getTotalSize() }}
          aria-label="Workflow and activities"
        >
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const row = rows[index]
            if (!row) return null
            return (
              <li
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                aria-setsize={rows.length}
                aria-posinset={index + 1}
                style={{ transform: `translateY(${start - margin}px)` }}
              >
                <button
                  type="button"
                  className={styles.line}
                  aria-expanded={'isOpen' in row ? row.isOpen : undefined}
                  aria-haspopup={'isOpen' in row ? undefined : 'dialog'}
                  onClick={() => choose(row)}
                  onKeyDown={(event) => onKeyDown(event, index, row)}
                >
                  <RunLine row={row} run={run} state={state} axis={axis} until={until} />
                </button>
              </li>
            )
          })}
        </ul>
      </div>
    </div>
  )
}

/** How far below the page's top the list begins, which the window's scrolling has to know. */
function useScrollMargin() {
  const list = useRef<HTMLUListElement>(null)
  const [margin, setMargin] = useState(0)
  useLayoutEffect(() => {
    const measure = () => setMargin(list.current ? Math.round(list.current.getBoundingClientRect().top + scrollY) : 0)
    measure()
    const sizes = new ResizeObserver(measure)
    sizes.observe(document.body)
    return () => sizes.disconnect()
  }, [])
  return { list, margin }
}

function focusLine(list: HTMLElement | null, index: number): void {
  list?.querySelector<HTMLElement>(`[data-index="${index}"] > button`)?.focus()
}

function Ticks({ axis }: { readonly axis: RunAxis }) {
  return (
    <div className={styles.ticks} aria-hidden="true">
      <div className={styles.scale}>
        {axis.ticks.map((tick) => (
          <span key={tick} style={{ left: percent(placeOn(axis, axis.from + tick)) }}>
            {tick === 0 ? '0' : `+${formatTick(tick)}`}
          </span>
        ))}
      </div>
    </div>
  )
}

/** Steps are whole, and so are their names: `30 s`, not `30.0 s`. */
function formatTick(tick: number): string {
  return formatDuration(tick)
    .replace(/\.0+ s$/, ' s')
    .replace(/ (m|h|d) 0+ \w$/, ' $1')
}

function Grid({ axis }: { readonly axis: RunAxis }) {
  return (
    <div className={styles.grid} aria-hidden="true">
      <div className={styles.scale}>
        {axis.ticks.map((tick) => (
          <span key={tick} style={{ left: percent(placeOn(axis, axis.from + tick)) }} />
        ))}
      </div>
    </div>
  )
}
