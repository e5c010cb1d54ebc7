import { useVirtualizer } from '@tanstack/react-virtual'
import { type MouseEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { type QueryParam, seqParam, useQueryParams } from '../../../routing/query-params.ts'
import { Button } from '../../../ui/button/button.tsx'
import { formatDuration } from '../../../ui/format.ts'
import type { ConversationTabProps } from '../conversation-tab.ts'
import { ColumnHeader, GridRow, RowGroup, TreeGrid } from '../grid.tsx'
import { type Axis, SCALES, type Scale } from '../spans/axis.ts'
import { rowsOf } from '../spans/rows.ts'
import type { Span } from '../spans/span.ts'
import { NARROW, useMedia } from '../use-media.ts'
import { axesOf, rootOf } from './axes.ts'
import { gridKeys } from './grid-keys.ts'
import styles from './timeline.module.css'
import { TimelineRow } from './timeline-row.tsx'
import { Toolbar } from './toolbar.tsx'
import { useFollowEnd } from './use-follow-end.ts'

const scaleParam: QueryParam<Scale | null> = {
  read: (text) => SCALES.find((scale) => scale === text) ?? null,
  write: (scale) => scale,
}
const PARAMS = { scale: scaleParam, zoom: seqParam }

/** Requests that a common axis of time leaves room for. With more, each has its own unless asked otherwise. */
const MANY_REQUESTS = 8

const ROW_PX = { wide: 28, narrow: 48 } as const
const HEAD_PX = 28

export default function TimelineTab(props: ConversationTabProps) {
  const isNarrow = useMedia(NARROW)
  // Rows of another height have to be measured anew.
  return <Timeline key={isNarrow ? 'narrow' : 'wide'} isNarrow={isNarrow} {...props} />
}

function Timeline({
  events: { items },
  seq,
  onSelect,
  live,
  at,
  spans,
  isNarrow,
}: ConversationTabProps & { readonly isNarrow: boolean }) {
  const [params, setParams] = useQueryParams(PARAMS)
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(new Set())
  const [activeId, setActiveId] = useState<number | null>(null)
  const scroll = useRef<HTMLDivElement>(null)
  const gridId = useId()
  const until = items.at(-1)?.seq ?? 0
  const zoom = spanAt(params.zoom, until)
  const scale = params.scale ?? (spans.requests.size > MANY_REQUESTS ? 'request' : 'time')
  const maxTicks = isNarrow ? 3 : 8

  function spanAt(id: number | null, until: number): Span | null {
    const place = id === null || id > until ? undefined : spans.placeOf(id)
    if (!place) return null
    return place.kind === 'mark' ? place.mark.span : place.span
  }

  const rows = useMemo(() => rowsOf(spans.roots, until, collapsed), [spans, until, collapsed])
  const axes = useMemo(() => axesOf({ spans, until, scale, maxTicks, zoom }), [spans, until, scale, maxTicks, zoom])
  const selectedId = seq === null ? null : (spanAt(seq, until)?.id ?? seq)
  const height = isNarrow ? ROW_PX.narrow : ROW_PX.wide

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
    paddingEnd: 8,
  })
  const { isBehind, toEnd } = useFollowEnd({ scroll, rows: rows.length, isFollowing: live && at === null })

  const indexOf = (id: number | null) => (id === null ? -1 : rows.findIndex((row) => row.id === id))
  const activeIndex = Math.max(0, indexOf(activeId ?? selectedId))
  const activate = (index: number) => {
    setActiveId(rows[index]?.id ?? null)
    virtual.scrollToIndex(index, { align: 'auto' })
  }
  const toggle = (id: number) => {
    const next = new Set(collapsed)
    if (!next.delete(id)) next.add(id)
    setCollapsed(next)
  }

  // Whoever comes with a selected event, or selects one elsewhere, finds its row open and in sight.
  const shownFor = useRef<number | null>(null)
  useEffect(() => {
    if (selectedId === null) shownFor.current = null
    if (selectedId === null || shownFor.current === selectedId) return
    const place = spans.placeOf(selectedId)
    const hidden = new Set<number>()
    for (let one = place && place.kind !== 'mark' ? place.span.parent : null; one; one = one.parent) {
      if (collapsed.has(one.id)) hidden.add(one.id)
    }
    if (hidden.size > 0) return setCollapsed(new Set([...collapsed].filter((id) => !hidden.has(id))))
    const index = rows.findIndex((row) => row.id === selectedId)
    if (index < 0) return
    shownFor.current = selectedId
    virtual.scrollToIndex(index, { align: 'auto' })
  }, [selectedId, rows, collapsed, spans, virtual])

  const onClick = (event: MouseEvent) => {
    if (!(event.target instanceof Element)) return
    const toggled = event.target.closest<HTMLElement>('[data-toggle]')?.dataset.toggle
    if (toggled !== undefined) return toggle(Number(toggled))
    const chosen = event.target.closest<HTMLElement>('[data-seq]')?.dataset.seq
    const row = event.target.closest<HTMLElement>('[role=row]')?.dataset.seq
    if (chosen === undefined) return
    setActiveId(Number(row))
    shownFor.current = Number(row)
    onSelect(Number(chosen))
  }

  const shown = virtual.getVirtualItems()
  const activeRowId = rows[activeIndex]?.id
  const isActiveShown = shown.some(({ index }) => index === activeIndex)
  const headRow = rows[Math.min(rows.length - 1, Math.floor((virtual.scrollOffset ?? 0) / height))]
  const headRoot = headRow?.span ? rootOf(headRow.span) : headRow?.mark
  const headAxis = axes.common ?? (headRoot ? axes.of(headRoot) : null)
  return (
    <div className={styles.timeline}>
      <Toolbar
        spans={spans}
        until={until}
        scale={scale}
        onScale={(chosen) => setParams({ scale: chosen })}
        zoom={zoom}
        zoomable={selectedId === null ? null : spanAt(selectedId, until)}
        onZoom={(span) => setParams({ zoom: span?.id ?? null })}
        seq={seq}
        onSelect={onSelect}
        isCollapsed={collapsed.size > 0}
        onCollapse={(all) =>
          setCollapsed(all ? new Set(spans.all.filter((span) => span.depth === 0).map((span) => span.id)) : new Set())
        }
      />
      <TreeGrid
        ref={scroll}
        aria-label="Runs of the conversation"
        aria-rowcount={rows.length + 1}
        aria-colcount={2}
        aria-activedescendant={isActiveShown && activeRowId !== undefined ? `${gridId}-${activeRowId}` : undefined}
        className={styles.scroll}
        onClick={onClick}
        onKeyDown={gridKeys({
          rows,
          active: activeIndex,
          collapsed,
          page: Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / height) - 2),
          onActive: activate,
          onToggle: toggle,
          onOpen: (row) => {
            shownFor.current = row.id
            onSelect(row.id)
          },
        })}
      >
        <GridRow aria-rowindex={1} className={styles.head}>
          <ColumnHeader className={styles.name}>Run</ColumnHeader>
          <ColumnHeader className={styles.lane}>
            <span className="visually-hidden">{SCALE_NAMES[scale]}</span>
            {headAxis && <AxisLabels axis={headAxis} />}
          </ColumnHeader>
        </GridRow>
        <RowGroup className={styles.rows} style={{ height: virtual.getTotalSize() }}>
          {axes.common && <AxisLines axis={axes.common} />}
          {shown.map(({ index, start }) => {
            const row = rows[index]
            if (!row) return null
            const root = row.span ? rootOf(row.span) : row.mark
            if (!root) return null
            return (
              <TimelineRow
                key={row.id}
                {...{ row, index, height, until, seq }}
                top={start - HEAD_PX}
                axis={axes.of(root)}
                isCollapsed={collapsed.has(row.id)}
                isActive={index === activeIndex}
                isSelected={row.id === selectedId}
                rowId={`${gridId}-${row.id}`}
              />
            )
          })}
        </RowGroup>
      </TreeGrid>
      {isBehind && (
        <Button look="primary" icon="arrowDown" className={styles.newest} onClick={toEnd}>
          Jump to newest
        </Button>
      )}
    </div>
  )
}

const SCALE_NAMES: Readonly<Record<Scale, string>> = {
  time: 'Time',
  request: 'Time since the beginning of the request',
  sequence: 'Order of recording',
}

function AxisLabels({ axis: { ticks, gaps } }: { readonly axis: Axis }) {
  const percent = (share: number) => `${share * 100}%`
  return (
    <span aria-hidden="true">
      {ticks.map(({ share, label }) => (
        <span key={share} className={styles.tick} style={{ left: percent(share), maxWidth: percent(1 - share) }}>
          {label}
        </span>
      ))}
      {gaps
        .filter(({ from, to }) => to - from > SEEN_GAP)
        .map(({ from, to, micros }) => (
          <span key={from} className={styles.idle} style={{ left: percent(from), width: percent(to - from) }}>
            <span>{formatDuration(micros / 1000)}</span>
          </span>
        ))}
    </span>
  )
}

/** Narrower pauses would be noise, as a share of the axis. */
const SEEN_GAP = 0.004

/** Lines at the ticks, and hatched bands where idle time is cut short. */
function AxisLines({ axis }: { readonly axis: Axis }) {
  return (
    <div className={styles.grid} aria-hidden="true">
      <div>
        {axis.ticks.map(({ share }) => (
          <i key={share} className={styles.line} style={{ left: `${share * 100}%` }} />
        ))}
        {axis.gaps
          .filter(({ from, to }) => to - from > SEEN_GAP)
          .map(({ from, to, micros }) => (
            <i
              key={from}
              className={styles.gap}
              style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
              title={`${formatDuration(micros / 1000)} without events`}
            />
          ))}
      </div>
    </div>
  )
}
