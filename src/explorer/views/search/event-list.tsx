import { Link } from 'wouter'
import { failureOf } from '../../data/failure.ts'
import { EventTypeLabel } from '../../ui/badge/badge.tsx'
import { Button } from '../../ui/button/button.tsx'
import { formatCount } from '../../ui/format.ts'
import { ErrorNotice } from '../../ui/states/states.tsx'
import { ClockTime, RelativeTime } from '../../ui/time.tsx'
import type { EventHit } from './event-hit.ts'
import { RESULT } from './result-keys.ts'
import styles from './search.module.css'
import { type EventPages, hitsOf } from './use-search.ts'

export interface EventListProps {
  /** What the events are, and in which order. */
  readonly label: string
  readonly pages: EventPages
  /** Left out where all are of one conversation. */
  readonly hasConversations?: boolean
}

/** Events that come page by page. Rows out of sight are not laid out (`content-visibility`), so that many of them do no harm. */
export function EventList({ label, pages, hasConversations = true }: EventListProps) {
  const { error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch, isFetchNextPageError } = pages
  const hits = hitsOf(pages)
  return (
    <>
      <ol className={styles.events} aria-label={label}>
        {hits.map((hit) => (
          <li key={hit.key} className={styles.event}>
            <EventRow hit={hit} hasConversation={hasConversations} />
          </li>
        ))}
      </ol>
      {error && (
        <ErrorNotice failure={failureOf(error)} onRetry={() => void (isFetchNextPageError ? fetchNextPage() : refetch())} />
      )}
      <p className={styles.more}>
        {hasNextPage && (
          <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {isFetchingNextPage ? 'Loading' : 'Show more'}
          </Button>
        )}
        <span role="status">{countOf(hits.length, hasNextPage)}</span>
      </p>
    </>
  )
}

function countOf(count: number, isMore: boolean): string {
  if (isMore) return `The first ${formatCount(count)} events`
  return count === 1 ? '1 event' : `${formatCount(count)} events`
}

function EventRow({ hit, hasConversation }: { readonly hit: EventHit; readonly hasConversation: boolean }) {
  const { type, name, at, seq, conversationId, path } = hit
  const cells = (
    <>
      <span className={styles.type}>
        <EventTypeLabel type={type} />
      </span>
      <span className={styles.name}>{name}</span>
      {hasConversation && <span className={styles.conversation}>{conversationId}</span>}
      <span className={styles.seq}>#{seq}</span>
      <span className={styles.at}>{hasConversation ? <RelativeTime at={at} /> : <ClockTime at={at} />}</span>
    </>
  )
  return path === null ? (
    <span className={styles.row}>{cells}</span>
  ) : (
    <Link href={path} className={styles.row} {...RESULT}>
      {cells}
    </Link>
  )
}
