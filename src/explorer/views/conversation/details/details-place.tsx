import { type ReactNode, useEffect, useRef } from 'react'
import type { ConversationItem } from '../../../data/conversation-item.ts'
import { IconButton } from '../../../ui/button/button.tsx'
import { classes } from '../../../ui/classes.ts'
import { Drawer } from '../../../ui/dialog/dialog.tsx'
import { EmptyState, LoadingState } from '../../../ui/states/states.tsx'
import { firstAfter, type Spans } from '../spans/spans.ts'
import { ROOMY, useMedia } from '../use-media.ts'
import { EventDetails } from './event-details.tsx'
import styles from './place.module.css'

export interface DetailsPlaceProps {
  readonly seq: number | null
  readonly items: readonly ConversationItem[]
  readonly spans: Spans
  readonly isLoading: boolean
  readonly onSelect: (seq: number | null) => void
  /** The tab. */
  readonly children: ReactNode
}

/** The selected event's details: beside the tab where there is room, else over it. */
export function DetailsPlace({ seq, items, spans, isLoading, onSelect, children }: DetailsPlaceProps) {
  const isRoomy = useMedia(ROOMY)
  const index = seq === null ? -1 : firstAfter(items, seq) - 1
  const item = items[index]?.seq === seq ? items[index] : undefined
  const close = () => onSelect(null)
  const details =
    seq === null ? null : item ? (
      <EventDetails item={item} items={items} spans={spans} onSelect={onSelect} />
    ) : isLoading ? (
      <LoadingState />
    ) : (
      <EmptyState icon="search" title={`Event ${seq} is not here`}>
        {seq > spans.lastSeq
          ? 'The conversation has no such event yet.'
          : seq > (items.at(-1)?.seq ?? 0)
            ? 'It comes later than what is shown.'
            : 'It is no more in the store.'}
      </EmptyState>
    )
  const isBeside = isRoomy && details !== null
  // One and the same place for the tab: it must not begin anew whenever the details come and go.
  return (
    <div className={classes(isBeside && styles.both)}>
      <div className={styles.tab}>{children}</div>
      {isBeside ? (
        <Pane title={`Event ${seq}`} onClose={close}>
          {details}
        </Pane>
      ) : (
        details && (
          <Drawer title={`Event ${seq}`} onClose={close}>
            {details}
          </Drawer>
        )
      )}
    </div>
  )
}

interface PaneProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
}

function Pane({ title, onClose, children }: PaneProps) {
  const pane = useRef<HTMLElement>(null)
  useEffect(() => {
    const element = pane.current
    const onKeyDown = (event: KeyboardEvent) => event.key === 'Escape' && onClose()
    element?.addEventListener('keydown', onKeyDown)
    return () => element?.removeEventListener('keydown', onKeyDown)
  }, [onClose])
  useEffect(() => {
    const { activeElement } = document
    return () => {
      if (hasNoFocus() && activeElement instanceof HTMLElement && activeElement.isConnected) activeElement.focus()
    }
  }, [])
  const titleBefore = useRef(title)
  useEffect(() => {
    // The link that led to another event went with the event that it stood in.
    if (titleBefore.current !== title && hasNoFocus()) pane.current?.focus({ preventScroll: true })
    titleBefore.current = title
  }, [title])
  return (
    <aside ref={pane} className={styles.pane} aria-label="Selected event" tabIndex={-1}>
      <h2 className="visually-hidden">{title}</h2>
      <div className={styles.close}>
        <IconButton icon="close" label="Close details" onClick={onClose} />
      </div>
      <div className={styles.scroll}>{children}</div>
    </aside>
  )
}

function hasNoFocus(): boolean {
  return document.activeElement === null || document.activeElement === document.body
}
