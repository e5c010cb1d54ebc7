import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { ConversationItem } from '../../../data/conversation-item.ts'
import { Button } from '../../../ui/button/button.tsx'
import { formatCount } from '../../../ui/format.ts'
import { EmptyState } from '../../../ui/states/states.tsx'
import type { ConversationTabProps } from '../conversation-tab.ts'
import { firstAfter } from '../spans/spans.ts'
import { useFollowEnd } from '../timeline/use-follow-end.ts'
import type { Expansion } from './long-text.tsx'
import styles from './messages.module.css'
import { selectedKeys } from './selected-keys.ts'
import { Thread } from './thread.ts'
import { ThreadRowView } from './thread-row.tsx'
import { type ThreadRows, threadRows } from './thread-rows.ts'

/** The height of a message that is not drawn yet, in pixels: about that of one of a few lines. */
const GUESSED_PX = 120

/** What was said, by whom, each message once. */
export default function MessagesTab({ events, seq, onSelect, live, at }: ConversationTabProps) {
  const items = useDeferredValue(events.items)
  const thread = useThread(items)
  const { rows, messages, indexOf, wholeOf } = thread
  const expansion = useExpansion()
  const scroll = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => GUESSED_PX,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 4,
    paddingStart: 4,
    paddingEnd: 12,
    scrollPaddingStart: 12,
  })
  const height = virtual.getTotalSize()
  // Messages grow: those that are drawn get their true height, those that are streamed their text.
  const { isBehind, toEnd } = useFollowEnd({ scroll, rows: rows.length && height, isFollowing: live && at === null })

  const selected = useMemo(() => selectedKeys(itemAt(items, seq), wholeOf), [items, seq, wholeOf])
  const first = useMemo(
    () => [...selected].reduce((least, key) => Math.min(least, indexOf.get(key) ?? Infinity), Infinity),
    [selected, indexOf],
  )
  const shownFor = useRef<number | null>(null)
  useEffect(() => {
    if (seq === null) shownFor.current = null
    if (seq === null || shownFor.current === seq || first === Infinity) return
    shownFor.current = seq
    const isInSight = virtual.getVirtualItems().some(({ index, start, end }) => {
      const { scrollOffset, scrollRect } = virtual
      return index === first && start >= (scrollOffset ?? 0) && end <= (scrollOffset ?? 0) + (scrollRect?.height ?? 0)
    })
    if (!isInSight) virtual.scrollToIndex(first, { align: 'start' })
  }, [seq, first, virtual])

  const select = (chosen: number) => {
    shownFor.current = chosen
    onSelect(chosen)
  }
  if (rows.length === 0) {
    return events.phase === 'loading' ? null : (
      <EmptyState title="No messages">The events {at === null ? 'of this conversation' : 'up to here'} carry none.</EmptyState>
    )
  }
  return (
    <div className={styles.tab}>
      <p className={styles.count}>
        {formatCount(messages)} message{messages === 1 ? '' : 's'}, each once
        {seq !== null && selected.size === 0 && `. Event ${seq} carries none of them`}
      </p>
      <div
        ref={scroll}
        role="feed"
        aria-label="Messages of the conversation"
        aria-busy={events.phase === 'loading'}
        className={styles.scroll}
        onKeyDown={moveByKeys}
      >
        <div className={styles.rows} style={{ height }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const row = rows[index]
            if (!row) return null
            return (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className={styles.place}
                style={{ transform: `translateY(${start}px)` }}
              >
                <ThreadRowView
                  row={row}
                  position={index + 1}
                  count={rows.length}
                  selected={selected}
                  expansion={expansion}
                  onSelect={select}
                />
              </div>
            )
          })}
        </div>
      </div>
      {isBehind && (
        <Button look="primary" icon="arrowDown" className={styles.newest} onClick={toEnd}>
          Jump to newest
        </Button>
      )}
    </div>
  )
}

/** The thread as of the last item. Items only ever grow, or are the beginning of what they were. */
function useThread(items: readonly ConversationItem[]): ThreadRows {
  const [thread] = useState(() => new Thread())
  return useMemo(() => {
    thread.feed(items)
    return threadRows(thread, items.at(-1)?.seq ?? 0)
  }, [thread, items])
}

/** How much of long texts is shown, wherever they are scrolled to. */
function useExpansion(): Expansion {
  const [shown, setShown] = useState<ReadonlyMap<string, number>>(new Map())
  return useMemo(
    () => ({ of: (id) => shown.get(id) ?? 0, set: (id, characters) => setShown(new Map(shown).set(id, characters)) }),
    [shown],
  )
}

function itemAt(items: readonly ConversationItem[], seq: number | null): ConversationItem | undefined {
  const item = seq === null ? undefined : items[firstAfter(items, seq) - 1]
  return item?.seq === seq ? item : undefined
}

/** From article to article with Page Up and Page Down, as in every feed. */
function moveByKeys(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'PageDown' ? 1 : event.key === 'PageUp' ? -1 : 0
  const from = event.target instanceof Element ? event.target.closest('article') : null
  if (step === 0 || !from) return
  const articles = [...event.currentTarget.querySelectorAll('article')].sort((one, other) => positionOf(one) - positionOf(other))
  const next = articles[articles.indexOf(from) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
  next.scrollIntoView({ block: 'nearest' })
}

function positionOf(article: Element): number {
  return Number(article.getAttribute('aria-posinset'))
}
