import { useState } from 'react'
import { useSession } from '../../session/session.tsx'
import { CopyButton } from '../../ui/button/copy-button.tsx'
import { EmptyState } from '../../ui/states/states.tsx'
import { firstEventCommand } from './first-event.ts'
import styles from './overview.module.css'

/** Whoever has no mouse scrolls it with the arrow keys. */
const SCROLLABLE = { tabIndex: 0 }

/** For a service in which nothing was ever recorded. */
export function FirstEventGuide() {
  const { state } = useSession()
  const needsKey = state.kind === 'open' && state.apiKey !== null
  const [command] = useState(() => firstEventCommand(location.origin, needsKey, Date.now()))
  return (
    <>
      <EmptyState icon="overview" title="No events yet">
        <p>What assistants and applications record appears here. Record a first event from a shell:</p>
      </EmptyState>
      <div className={styles.command}>
        <section aria-label="Command" className={styles.commandText} {...SCROLLABLE}>
          <pre>{command}</pre>
        </section>
        <div className={styles.commandCopy}>
          <CopyButton text={command} what="command" />
        </div>
      </div>
      <p className={styles.quiet}>
        Every operation is described in the <a href="/docs">API reference</a>.
      </p>
    </>
  )
}
