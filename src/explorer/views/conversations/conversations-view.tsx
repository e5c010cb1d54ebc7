import { useInfiniteQuery } from '@tanstack/react-query'
import { useClient } from '../../data/client.tsx'
import { failureOf } from '../../data/failure.ts'
import { choiceParam, useQueryParams } from '../../routing/query-params.ts'
import { Button } from '../../ui/button/button.tsx'
import { RefreshButton } from '../../ui/button/refresh-button.tsx'
import { formatCount } from '../../ui/format.ts'
import { Segmented } from '../../ui/segmented/segmented.tsx'
import { EmptyState, ErrorNotice, LoadingState, States, type ViewState } from '../../ui/states/states.tsx'
import { View } from '../../ui/view/view.tsx'
import styles from './conversations.module.css'
import { ConversationsTable } from './conversations-table.tsx'
import { eachOnce } from './each-once.ts'

const KINDS = ['agent', 'application', 'all'] as const
type Kind = (typeof KINDS)[number]
const PARAMS = { kind: choiceParam(KINDS) }

const WORDS: Readonly<Record<Kind, string>> = { agent: 'Agents', application: 'Application logs', all: 'All' }

/** Conversations that come at a time. */
const PAGE = 50

export default function ConversationsView() {
  const { monitor } = useClient()
  const [{ kind }, set] = useQueryParams(PARAMS)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, isFetchNextPageError } = useInfiniteQuery({
    queryKey: ['conversations', kind],
    queryFn: ({ pageParam, signal }) =>
      monitor.conversations({ kind: kind === 'all' ? undefined : kind, after: pageParam, limit: PAGE, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const rows = eachOnce(data?.pages.flatMap((page) => page.items) ?? [])
  const state: ViewState = data
    ? { kind: rows.length > 0 ? 'ready' : 'empty' }
    : error
      ? { kind: 'failed', failure: failureOf(error), retry: () => void refetch() }
      : { kind: 'loading' }
  return (
    <View
      title="Conversations"
      subtitle="Newest activity first"
      actions={
        <>
          <Segmented
            label="Kind"
            choices={KINDS}
            selected={kind}
            onSelect={(chosen) => set({ kind: chosen }, { replace: false })}
            say={(choice) => WORDS[choice]}
          />
          <RefreshButton queryKey={['conversations', kind]} />
        </>
      }
    >
      {data && error && (
        <ErrorNotice failure={failureOf(error)} onRetry={() => void (isFetchNextPageError ? fetchNextPage() : refetch())} />
      )}
      <States state={state} loading={<LoadingState lines={10} />} empty={<NoConversations kind={kind} />}>
        <ConversationsTable rows={rows} hasKinds={kind !== 'agent'} />
        <p className={styles.more}>
          {hasNextPage && (
            <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {isFetchingNextPage ? 'Loading' : 'Show more'}
            </Button>
          )}
          <span role="status">
            {hasNextPage
              ? `The first ${formatCount(rows.length)}`
              : rows.length === 1
                ? '1 in all'
                : `${formatCount(rows.length)} in all`}
          </span>
        </p>
      </States>
    </View>
  )
}

function NoConversations({ kind }: { readonly kind: Kind }) {
  if (kind === 'application') {
    return (
      <EmptyState icon="application" title="No application logs yet">
        What applications publish appears here: a log a workflow run, and some for each topic.
      </EmptyState>
    )
  }
  return (
    <EmptyState title="No conversations yet">
      What assistants record appears here. To see some, run <code>npm run demo</code> beside the service.
    </EmptyState>
  )
}
