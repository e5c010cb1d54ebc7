import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query'
import type { StoredEvent } from '../../../client/index.ts'
import type { Conversation, RequestSummary } from '../../../client/monitor/index.ts'
import { useClient } from '../../data/client.tsx'
import { itemOf } from '../../data/conversation-item.ts'
import { type EventFilter, isFiltered, NO_FILTER } from './event-filter.ts'
import { type EventHit, eventHitOf } from './event-hit.ts'
import { type EventPage, PAGE_EVENTS, takePage } from './event-pages.ts'

export type EventPages = UseInfiniteQueryResult<InfiniteData<EventPage>>

/** What one text is the id or the name of. */
export interface Lookups {
  readonly event: UseQueryResult<EventHit | null>
  readonly conversation: UseQueryResult<Conversation | null>
  /** The request's events; none where there is no such request. */
  readonly request: EventPages
  /** Asked for once there is such a request. */
  readonly summary: UseQueryResult<RequestSummary>
  readonly topic: EventPages
}

/** Looks a text up as everything that it may be, all at once. */
export function useLookups(text: string, filter: EventFilter): Lookups {
  const { store, monitor } = useClient()
  const event = useQuery({
    queryKey: ['search', 'event', text],
    queryFn: async ({ signal }) => {
      const found = await store.readEvent(text, { signal })
      return found && eventHitOf(itemOf(found))
    },
  })
  const conversation = useQuery({
    queryKey: ['search', 'conversation', text],
    queryFn: ({ signal }) => monitor.conversation(text, { signal }),
  })
  // The service does not narrow these: what does not fit is passed over here.
  const request = useEventPages(['request', text, filter], filter, (place) =>
    store.readAssistantRequest(text, isFiltered(filter) ? { ...place, limit: undefined } : place),
  )
  const isRequest = hitsOf(request).length > 0
  const summary = useQuery({
    queryKey: ['search', 'summary', text],
    queryFn: ({ signal }) => monitor.requestSummary(text, { signal }),
    enabled: isRequest,
  })
  const topic = useEventPages(['topic', text, filter], NO_FILTER, (place) =>
    store.readEvents({ ...place, ...narrowedBy(filter), topicName: text, order: 'desc' }),
  )
  return { event, conversation, request, summary, topic }
}

/** The events of the feed that fit, newest first. */
export function useFeed(filter: EventFilter): EventPages {
  const { store } = useClient()
  return useEventPages(['feed', filter], NO_FILTER, (place) =>
    store.readEvents({ ...place, ...narrowedBy(filter), order: 'desc' }),
  )
}

export function hitsOf({ data }: EventPages): readonly EventHit[] {
  return data?.pages.flatMap(({ hits }) => hits) ?? []
}

interface Place {
  readonly after: string | undefined
  readonly limit: number | undefined
  readonly signal: AbortSignal
}

function useEventPages(
  key: readonly unknown[],
  filter: EventFilter,
  read: (place: Place) => AsyncIterable<StoredEvent<object>>,
): EventPages {
  return useInfiniteQuery({
    queryKey: ['search', ...key],
    queryFn: ({ pageParam, signal }) => takePage(read({ after: pageParam, limit: PAGE_EVENTS, signal }), filter),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  })
}

function narrowedBy({ type, name }: EventFilter) {
  return { eventType: type || undefined, eventName: name || undefined }
}
