import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { Conversation, RequestSummary } from '../../../client/monitor/index.ts'
import { failureOf } from '../../data/failure.ts'
import { conversationPath, runPath } from '../../routing/paths.ts'
import { Badge, EventTypeLabel } from '../../ui/badge/badge.tsx'
import { CopyButton } from '../../ui/button/copy-button.tsx'
import { formatCount, formatDuration, formatShare } from '../../ui/format.ts'
import { ErrorNotice } from '../../ui/states/states.tsx'
import { ExactTime, RelativeTime } from '../../ui/time.tsx'
import { logName } from '../runs/model/log-ids.ts'
import type { EventHit } from './event-hit.ts'
import { RESULT } from './result-keys.ts'
import styles from './search.module.css'

export function FoundEvent({ hit }: { readonly hit: EventHit }) {
  const { eventId, type, name, at, seq, conversationId, requestId, path } = hit
  return (
    <article className={styles.card}>
      <div className={styles.head}>
        <h3 className={styles.title}>
          <EventTypeLabel type={type} />
          {name !== '' && <span className={styles.name}>{name}</span>}
        </h3>
        {path !== null && (
          <Link href={path} className={styles.open} {...RESULT}>
            {logName(conversationId ?? '')?.kind === 'run' ? 'Open in its run' : 'Open in its conversation'} at #{seq}
          </Link>
        )}
      </div>
      <Facts>
        <Id what="Event" id={eventId} />
        {conversationId !== null && <Id what="Conversation" id={conversationId} />}
        {requestId !== null && <Id what="Request" id={requestId} />}
        <Fact what="Time">
          <ExactTime at={at} />
        </Fact>
      </Facts>
    </article>
  )
}

export function FoundConversation({ conversation }: { readonly conversation: Conversation }) {
  const { conversation_id: id, event_count, first_at, last_at, head_seq, persisted_seq } = conversation
  const log = logName(id)
  return (
    <article className={styles.card}>
      <div className={styles.head}>
        <h3 className={styles.title}>
          <span className={styles.id}>{id}</span>
          <Badge>{log ? (log.kind === 'run' ? 'Workflow run' : 'Topic log') : 'Agent'}</Badge>
        </h3>
        <Link
          href={log?.kind === 'run' ? runPath(log.run) : conversationPath(id, log ? { view: 'raw' } : {})}
          className={styles.open}
          {...RESULT}
        >
          {log?.kind === 'run' ? 'Open the run' : 'Open the conversation'}
        </Link>
      </div>
      <Facts>
        <Fact what="Events">{formatCount(event_count)}</Fact>
        <Fact what="Began">{first_at && <RelativeTime at={first_at} />}</Fact>
        <Fact what="Last event">{last_at && <RelativeTime at={last_at} />}</Fact>
        <Fact what="In the history">
          {persisted_seq < head_seq ? `${formatCount(persisted_seq)} of ${formatCount(head_seq)}` : 'all'}
        </Fact>
      </Facts>
    </article>
  )
}

export interface FoundRequestProps {
  readonly id: string
  /** Of its events. */
  readonly conversationId: string | null
  readonly summary: UseQueryResult<RequestSummary>
}

export function FoundRequest({ id, conversationId, summary: { data, error, refetch } }: FoundRequestProps) {
  return (
    <article className={styles.card}>
      <div className={styles.head}>
        <h3 className={styles.title}>
          <span className={styles.id}>{id}</span>
          {data && <RequestState {...data} />}
        </h3>
        {conversationId !== null && (
          <Link href={conversationPath(conversationId)} className={styles.open} {...RESULT}>
            Open its conversation
          </Link>
        )}
      </div>
      {error && <ErrorNotice failure={failureOf(error)} onRetry={() => void refetch()} />}
      {data && (
        <Facts>
          {conversationId !== null && <Id what="Conversation" id={conversationId} />}
          <Fact what="Assistants asked">{formatCount(data.total_requests)}</Fact>
          <Fact what="Answered">{formatCount(data.successful_responses)}</Fact>
          <Fact what="Failed">{formatCount(data.failures)}</Fact>
          <Fact what="Success">{formatShare(data.total_requests === 0 ? null : data.success_rate)}</Fact>
          <Fact what="Longest run">{formatDuration(data.durations.assistant.max_ms)}</Fact>
          {data.unfinished.length > 0 && (
            <Fact what="Without an end">{data.unfinished.map((open) => open.name ?? open.event_type).join(', ')}</Fact>
          )}
        </Facts>
      )}
    </article>
  )
}

function RequestState({ failures, unfinished, successful_responses }: RequestSummary) {
  if (failures > 0) return <Badge tone="danger">Failed</Badge>
  if (unfinished.length > 0) return <Badge tone="warning">Not finished</Badge>
  return successful_responses > 0 ? <Badge tone="success">Finished</Badge> : null
}

function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>
}

function Fact({ what, children }: { readonly what: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{what}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Id({ what, id }: { readonly what: string; readonly id: string }) {
  return (
    <div className={styles.idFact}>
      <dt>{what}</dt>
      <dd>
        <code>{id}</code>
        <CopyButton text={id} what={`${what.toLowerCase()} id`} />
      </dd>
    </div>
  )
}
