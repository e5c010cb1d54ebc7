import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type MouseEvent, type ReactNode, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useClient } from '../../data/client.tsx'
import { conversationPath } from '../../routing/paths.ts'
import { type EventOfRequest, findPlace } from './find-place.ts'
import styles from './unfinished.module.css'

export interface PlaceLinkProps extends EventOfRequest {
  readonly children: ReactNode
}

/**
 * To a conversation at one of its events. The list tells the event's id and not its place, which is looked for once someone
 * is about to follow the link: it leads to the conversation until then, and where there is no such place.
 */
export function PlaceLink({ children, ...event }: PlaceLinkProps) {
  const { store } = useClient()
  const queries = useQueryClient()
  const [, navigate] = useLocation()
  const [isMeant, setIsMeant] = useState(false)
  const { conversationId, requestId, eventId } = event
  const place = {
    queryKey: ['place', conversationId, requestId, eventId],
    queryFn: ({ signal }: { signal: AbortSignal }) => findPlace(store, event, signal),
    staleTime: Number.POSITIVE_INFINITY,
  }
  const { data: seq } = useQuery({ ...place, enabled: isMeant })
  const onClick = (click: MouseEvent) => {
    if (seq !== undefined || click.ctrlKey || click.metaKey || click.shiftKey || click.altKey) return
    click.preventDefault()
    const go = (found: number | null) => navigate(conversationPath(conversationId, { seq: found ?? undefined }))
    queries.fetchQuery(place).then(go, () => go(null))
  }
  return (
    <Link
      href={conversationPath(conversationId, { seq: seq ?? undefined })}
      className={styles.place}
      onPointerEnter={() => setIsMeant(true)}
      onFocus={() => setIsMeant(true)}
      onClick={onClick}
    >
      {children}
    </Link>
  )
}
