import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useClient } from '../../data/client.tsx'
import { failureOf } from '../../data/failure.ts'
import { choiceParam, useQueryParams } from '../../routing/query-params.ts'
import { Button } from '../../ui/button/button.tsx'
import { RefreshButton } from '../../ui/button/refresh-button.tsx'
import { Segmented } from '../../ui/segmented/segmented.tsx'
import { EmptyState, ErrorNotice, LoadingState, States, type ViewState } from '../../ui/states/states.tsx'
import { View } from '../../ui/view/view.tsx'
import { logName } from './model/log-ids.ts'
import { RunsTable } from './runs-table.tsx'
import { TopicsTable } from './topics-table.tsx'

const SHOWN = ['runs', 'topics'] as const
const PARAMS = { show: choiceParam(SHOWN) }

const WORDS: Readonly<Record<(typeof SHOWN)[number], string>> = { runs: 'Workflow runs', topics: 'Topics' }

/** Logs that come at a time. Each run's own events are read, too. */
const PAGE = 20

/** Logs of both kinds come mixed: so many pages are looked through by themselves for some of the wanted kind. */
const SEARCHED_PAGES = 10

export default function RunsView() {
  const { monitor } = useClient()
  const [{ show }, set] = useQueryParams(PARAMS)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery({
    queryKey: ['application-logs'],
    queryFn: ({ pageParam, signal }) => monitor.conversations({ kind: 'application', after: pageParam, limit: PAGE, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const logs = data?.pages.flatMap((page) => page.items) ?? []
  const rows = logs.filter(({ conversation_id: id }) => (logName(id)?.kind === 'run') === (show === 'runs'))
  const isSearching = rows.length === 0 && hasNextPage && !error && (data?.pages.length ?? 0) < SEARCHED_PAGES
  useEffect(() => {
    if (isSearching && !isFetching) void fetchNextPage()
  }, [isSearching, isFetching, fetchNextPage])
  const retry = () => void refetch()
  const state: ViewState =
    rows.length > 0
      ? { kind: 'ready' }
      : error
        ? { kind: 'failed', failure: failureOf(error), retry }
        : { kind: !data || isSearching ? 'loading' : 'empty' }
  return (
    <View
      title="Application runs"
      subtitle="What applications published, newest activity first"
      actions={
        <>
          <Segmented
            label="What is listed"
            choices={SHOWN}
            selected={show}
            onSelect={(chosen) => set({ show: chosen }, { replace: false })}
            say={(choice) => WORDS[choice]}
          />
          <RefreshButton queryKey={['application-logs']} />
        </>
      }
    >
      {rows.length > 0 && error && <ErrorNotice failure={failureOf(error)} onRetry={retry} />}
      <States state={state} loading={<LoadingState lines={8} />} empty={show === 'runs' ? <NoRuns /> : <NoTopics />}>
        {show === 'runs' ? <RunsTable rows={rows} /> : <TopicsTable rows={rows} />}
      </States>
      {hasNextPage && !isSearching && (
        <div>
          <Button disabled={isFetching} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </View>
  )
}

function NoRuns() {
  return (
    <EmptyState icon="runs" title="No runs yet">
      <p>
        Workflows that publish their events appear here, each run with its activities. How to publish is in the{' '}
        <a href="/docs">API reference</a>: <code>POST /v1/publish</code>.
      </p>
    </EmptyState>
  )
}

function NoTopics() {
  return (
    <EmptyState icon="topic" title="No topics yet">
      Application events that belong to no workflow appear here by their topic.
    </EmptyState>
  )
}
