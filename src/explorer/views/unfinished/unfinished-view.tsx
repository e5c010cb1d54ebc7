import { useInfiniteQuery } from '@tanstack/react-query'
import { useClient } from '../../data/client.tsx'
import { failureOf } from '../../data/failure.ts'
import { boundsOf, useTimeRange } from '../../routing/time-range.ts'
import { Button } from '../../ui/button/button.tsx'
import { RefreshButton } from '../../ui/button/refresh-button.tsx'
import { TimeRangePicker } from '../../ui/segmented/segmented.tsx'
import { EmptyState, ErrorNotice, States, type ViewState } from '../../ui/states/states.tsx'
import { View } from '../../ui/view/view.tsx'
import { RequestCard } from './request-card.tsx'
import styles from './unfinished.module.css'

/** Requests that come at a time. */
const PAGE = 25

/** Later pages keep to the first one's range. */
interface Place {
  readonly bounds: { readonly since: string; readonly until: string } | null
  readonly after?: string
}

const FIRST: Place = { bounds: null }

export default function UnfinishedView() {
  const { monitor } = useClient()
  const [range, setRange] = useTimeRange()
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['unfinished', range],
    queryFn: async ({ pageParam, signal }) => {
      const bounds = pageParam.bounds ?? boundsOf(range)
      return { bounds, ...(await monitor.unfinishedPage({ ...bounds, after: pageParam.after, limit: PAGE, signal })) }
    },
    initialPageParam: FIRST,
    getNextPageParam: ({ bounds, next_cursor }): Place | undefined =>
      next_cursor === null ? undefined : { bounds, after: next_cursor },
  })
  const requests = data?.pages.flatMap((page) => page.items) ?? []
  const retry = () => void refetch()
  const state: ViewState = data
    ? { kind: requests.length > 0 || hasNextPage ? 'ready' : 'empty' }
    : error
      ? { kind: 'failed', failure: failureOf(error), retry }
      : { kind: 'loading' }
  return (
    <View
      title="Unfinished"
      subtitle="Assistant requests in which something began and has not ended, newest first"
      actions={
        <>
          <TimeRangePicker range={range} onSelect={setRange} />
          <RefreshButton queryKey={['unfinished', range]} />
        </>
      }
    >
      {data && error && <ErrorNotice failure={failureOf(error)} onRetry={retry} />}
      <States
        state={state}
        empty={
          <EmptyState icon="check" title="Nothing is unfinished">
            Every assistant request that began in this time has ended. Choose a longer range of time to look further back.
          </EmptyState>
        }
      >
        <ol className={styles.list}>
          {requests.map((request) => (
            <RequestCard key={request.cursor} request={request} />
          ))}
        </ol>
        {hasNextPage && (
          <div>
            <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              Show more
            </Button>
          </div>
        )}
      </States>
    </View>
  )
}
