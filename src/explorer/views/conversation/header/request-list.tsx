import { useState } from 'react'
import { Badge, FamilyLabel } from '../../../ui/badge/badge.tsx'
import { Button } from '../../../ui/button/button.tsx'
import { CopyButton } from '../../../ui/button/copy-button.tsx'
import { Drawer } from '../../../ui/dialog/dialog.tsx'
import { formatDuration } from '../../../ui/format.ts'
import type { RequestState } from '../spans/requests.ts'
import styles from './header.module.css'
import { STATE_TONES, STATE_WORDS, stateOf } from './state.ts'

/** Requests that are listed at a time. */
const PAGE = 200

export interface RequestListProps {
  readonly requests: readonly RequestState[]
  /** Of the last event, and the present: Unix milliseconds. */
  readonly recorded: number
  readonly now: number
  readonly onSelect: (seq: number) => void
  readonly onClose: () => void
}

/** The conversation's assistant requests, newest first, with what became of them. */
export function RequestList({ requests, recorded, now, onSelect, onClose }: RequestListProps) {
  const [shown, setShown] = useState(PAGE)
  const newest = requests.toReversed()
  return (
    <Drawer title="Assistant requests" onClose={onClose}>
      <ol className={styles.list} reversed>
        {newest.slice(0, shown).map(({ request, span, outcome, duration }, index) => {
          // Only the last one can be what still runs.
          const state = stateOf(outcome, index === 0 ? recorded : 0, now)
          return (
            <li key={request}>
              <button type="button" className={styles.request} onClick={() => onSelect(span.id)}>
                <FamilyLabel family={span.family}>{span.name || span.family}</FamilyLabel>
                <code>{request}</code>
              </button>
              <Badge tone={STATE_TONES[state]}>{STATE_WORDS[state]}</Badge>
              <span className={styles.took}>{formatDuration(duration)}</span>
              <CopyButton text={request} what="request id" />
            </li>
          )
        })}
      </ol>
      {newest.length > shown && <Button onClick={() => setShown(shown + PAGE)}>Show more</Button>}
    </Drawer>
  )
}
