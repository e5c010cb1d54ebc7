import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useRef, useState } from 'react'
import { member, text } from '../../../../model/event-context.ts'
import type { ConversationItem } from '../../../data/conversation-item.ts'
import { EventTypeLabel } from '../../../ui/badge/badge.tsx'
import { Button } from '../../../ui/button/button.tsx'
import { classes } from '../../../ui/classes.ts'
import { formatClock } from '../../../ui/format.ts'
import type { ConversationTabProps } from '../conversation-tab.ts'
import { ColumnHeader, Grid, GridCell, GridRow, RowGroup } from '../grid.tsx'
import { firstAfter } from '../spans/spans.ts'
import { useFollowEnd } from '../timeline/use-follow-end.ts'
import styles from './raw.module.css'

const ROW_PX = 28
const HEAD_PX = 28

/** Every event, one a line, in the order of recording. */
export default function RawTab({ events: { items }, seq, onSelect, live, at }: ConversationTabProps) {
  const scroll = useRef<HTMLDivElement>(null)
  const gridId = useId()
  const [activeSeq, setActiveSeq] = useState<number | null>(null)
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
  })
  const { isBehind, toEnd } = useFollowEnd({ scroll, rows: items.length, isFollowing: live && at === null })
  const active = Math.max(0, firstAfter(items, activeSeq ?? seq ?? 0) - 1)
  const shown = virtual.getVirtualItems()

  const shownFor = useRef<number | null>(null)
  useEffect(() => {
    const index = seq === null ? -1 : firstAfter(items, seq) - 1
    if (seq === null || items[index]?.seq !== seq || shownFor.current === seq) return
    shownFor.current = seq
    virtual.scrollToIndex(index, { align: 'auto' })
  }, [seq, items, virtual])

  const select = (index: number) => {
    const item = items[index]
    if (!item) return
    shownFor.current = item.seq
    setActiveSeq(item.seq)
    onSelect(item.seq)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / ROW_PX) - 2)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: items.length - 1,
    }
    const to = steps[event.key]
    if (to !== undefined) {
      const index = Math.max(0, Math.min(items.length - 1, to))
      setActiveSeq(items[index]?.seq ?? null)
      virtual.scrollToIndex(index, { align: 'auto' })
    } else if (event.key === 'Enter' || event.key === ' ') select(active)
    else return
    event.preventDefault()
  }
  const onClick = (event: MouseEvent) => {
    const chosen = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]')?.dataset.index : undefined
    if (chosen !== undefined) select(Number(chosen))
  }
  return (
    <div className={styles.tab}>
      <Grid
        ref={scroll}
        aria-label="Events in the order of recording"
        aria-rowcount={items.length + 1}
        aria-activedescendant={shown.some(({ index }) => index === active) ? `${gridId}-${active}` : undefined}
        className={styles.scroll}
        onClick={onClick}
        onKeyDown={onKeyDown}
      >
        <GridRow aria-rowindex={1} className={classes(styles.line, styles.head)}>
          {['Seq', 'Time', 'Type', 'Of', 'Size'].map((word) => (
            <ColumnHeader key={word}>{word}</ColumnHeader>
          ))}
        </GridRow>
        <RowGroup className={styles.rows} style={{ height: virtual.getTotalSize() }}>
          {shown.map(({ index, start }) => {
            const item = items[index]
            if (!item) return null
            const isSelected = item.seq === seq
            return (
              <GridRow
                key={item.seq}
                id={`${gridId}-${index}`}
                aria-rowindex={index + 2}
                aria-selected={isSelected}
                data-index={index}
                className={classes(styles.line, styles.row, isSelected && styles.selected, index === active && styles.active)}
                style={{ transform: `translateY(${start - HEAD_PX}px)` }}
              >
                <Cells item={item} />
              </GridRow>
            )
          })}
        </RowGroup>
      </Grid>
      {isBehind && (
        <Button look="primary" icon="arrowDown" className={styles.newest} onClick={toEnd}>
          Jump to newest
        </Button>
      )}
    </div>
  )
}

function Cells({ item: { seq, raw, recorded_at, text: json } }: { readonly item: ConversationItem }) {
  const context = member(raw, 'event_context')
  const offset = member(context, 'offset')
  const family = ['', 'node_', 'tool_', 'workflow_', 'assistant_', 'topic_']
  const name = family.map((prefix) => text(member(context, `${prefix}name`))).find((one) => one) ?? ''
  return (
    <>
      <GridCell>{seq}</GridCell>
      <GridCell>{clock(text(member(raw, 'timestamp')) ?? recorded_at)}</GridCell>
      <GridCell>
        <EventTypeLabel type={text(member(raw, 'event_type')) ?? 'unknown'} />
      </GridCell>
      <GridCell>{typeof offset === 'number' ? `${name}[${offset}]` : name}</GridCell>
      <GridCell>{formatSize(json.length)}</GridCell>
    </>
  )
}

function clock(at: string): string {
  const ms = Date.parse(at)
  return Number.isNaN(ms) ? at : formatClock(ms)
}

function formatSize(characters: number): string {
  return characters < 1000 ? `${characters} B` : `${(characters / 1000).toFixed(1)} KB`
}
