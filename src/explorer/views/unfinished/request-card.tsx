import { Link } from 'wouter'
import type { UnfinishedRequest } from '../../../client/monitor/index.ts'
import { conversationPath } from '../../routing/paths.ts'
import { Badge } from '../../ui/badge/badge.tsx'
import { CopyButton } from '../../ui/button/copy-button.tsx'
import { classes } from '../../ui/classes.ts'
import { formatCount } from '../../ui/format.ts'
import { RelativeTime, useNow } from '../../ui/time.tsx'
import { STATE_TONES, STATE_WORDS, stateOf } from '../conversation/header/state.ts'
import { OpenInvokes } from './open-invokes.tsx'
import styles from './unfinished.module.css'

/** An assistant request with what is open in it. */
export function RequestCard({ request }: { readonly request: UnfinishedRequest }) {
  const { assistant_request_id: id, conversation_id, started_at, last_event_at, events, failures } = request
  const state = stateOf('open', Date.parse(last_event_at), useNow())
  return (
    <li className={styles.card}>
      <div className={styles.head}>
        <h2 className={styles.title}>
          <Link href={conversationPath(conversation_id)}>{conversation_id}</Link>
        </h2>
        <Badge tone={STATE_TONES[state]}>{STATE_WORDS[state]}</Badge>
      </div>
      <dl className={styles.facts}>
        <div className={styles.request}>
          <dt>Request</dt>
          <dd>
            <code>{id}</code>
            <CopyButton text={id} what="request id" />
          </dd>
        </div>
        <div>
          <dt>Began</dt>
          <dd>
            <RelativeTime at={started_at} />
          </dd>
        </div>
        <div>
          <dt>Last event</dt>
          <dd>
            <RelativeTime at={last_event_at} />
          </dd>
        </div>
        <div>
          <dt>Events</dt>
          <dd>{formatCount(events)}</dd>
        </div>
        <div>
          <dt>Failures</dt>
          <dd className={classes(failures > 0 && styles.bad)}>{formatCount(failures)}</dd>
        </div>
      </dl>
      <OpenInvokes request={request} />
    </li>
  )
}
