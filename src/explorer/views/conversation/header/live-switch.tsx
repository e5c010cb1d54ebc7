import { useState } from 'react'
import type { ConversationEvents } from '../../../data/use-conversation-events.ts'
import { Button } from '../../../ui/button/button.tsx'
import { classes } from '../../../ui/classes.ts'
import styles from './header.module.css'

export interface LiveSwitchProps {
  readonly live: boolean
  readonly events: ConversationEvents
  readonly onChange: (live: boolean) => void
}

/** Turns live reading on and off, and says how it stands. */
export function LiveSwitch({ live, events: { phase, upToDate }, onChange }: LiveSwitchProps) {
  const [hadAll, setHadAll] = useState(false)
  const isCurrent = live && phase === 'live' && upToDate
  // What was up to date once and no more is so because the connection was lost.
  const has = live && (hadAll || isCurrent)
  if (hadAll !== has) setHadAll(has)
  const words = !live ? '' : phase === 'failed' ? 'Stopped' : isCurrent ? 'Live' : hadAll ? 'Reconnecting' : 'Catching up'
  return (
    <>
      <Button aria-pressed={live} className={classes(live && styles.live)} onClick={() => onChange(!live)}>
        <span className={classes(styles.dot, isCurrent && styles.current, live && !isCurrent && styles.waiting)} />
        {live ? words : 'Follow live'}
      </Button>
      <span role="status" className="visually-hidden">
        {words === 'Live' ? 'Live: up to date' : words}
      </span>
    </>
  )
}
