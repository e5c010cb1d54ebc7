import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { UnfinishedInvoke, UnfinishedRequest } from '../../../client/monitor/index.ts'
import { componentEventKind } from '../../../model/event-types.ts'
import { useClient } from '../../data/client.tsx'
import { FamilyLabel } from '../../ui/badge/badge.tsx'
import { Button } from '../../ui/button/button.tsx'
import { familyOf } from '../../ui/family.ts'
import { LoadingState, QueryStates } from '../../ui/states/states.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import { PlaceLink } from './place-link.tsx'
import styles from './unfinished.module.css'

/** Invokes of a request that are shown at first. */
const FEW = 8

/** What is open in a request: in the order of recording, so that what waits stands before what it waits for. */
export function OpenInvokes({ request }: { readonly request: UnfinishedRequest }) {
  const { unfinished, truncated } = request
  return truncated ? <OfSummary request={request} /> : <InvokeList request={request} invokes={unfinished} />
}

/** The list leaves it to the request's own summary where there are too many events. */
function OfSummary({ request }: { readonly request: UnfinishedRequest }) {
  const { monitor } = useClient()
  const [isAsked, setIsAsked] = useState(false)
  const id = request.assistant_request_id
  const query = useQuery({
    queryKey: ['request-summary', id],
    queryFn: ({ signal }) => monitor.requestSummary(id, { signal }),
    enabled: isAsked,
  })
  if (!isAsked) return <Button onClick={() => setIsAsked(true)}>Show what is open</Button>
  return (
    <QueryStates query={query} loading={<LoadingState lines={2} />}>
      {({ unfinished }) => <InvokeList request={request} invokes={unfinished} />}
    </QueryStates>
  )
}

interface InvokeListProps {
  readonly request: UnfinishedRequest
  readonly invokes: readonly UnfinishedInvoke[]
}

function InvokeList({ request, invokes }: InvokeListProps) {
  const [isWhole, setIsWhole] = useState(false)
  const shown = isWhole ? invokes : invokes.slice(0, FEW)
  return (
    <ul className={styles.invokes} aria-label={`Open in ${request.assistant_request_id}`}>
      {shown.map(({ event_id, event_type, name, type, timestamp }) => (
        <li key={event_id}>
          <PlaceLink conversationId={request.conversation_id} requestId={request.assistant_request_id} eventId={event_id}>
            <FamilyLabel family={familyOf(event_type)}>{name || 'Without a name'}</FamilyLabel>
          </PlaceLink>
          <span className={styles.kind}>{type !== null && type !== name ? type : componentEventKind(event_type)?.family}</span>
          <span className={styles.since}>
            began <RelativeTime at={timestamp} />
          </span>
        </li>
      ))}
      {invokes.length > shown.length && (
        <li>
          <Button look="quiet" onClick={() => setIsWhole(true)}>
            {invokes.length - shown.length} more
          </Button>
        </li>
      )}
    </ul>
  )
}
