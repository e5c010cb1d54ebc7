import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { ConversationList } from '../../../client/monitor/index.ts'
import { useClient } from '../../data/client.tsx'
import { runPath } from '../../routing/paths.ts'
import { formatCount, formatDuration } from '../../ui/format.ts'
import { Table } from '../../ui/table/table.tsx'
import { RelativeTime, useNow } from '../../ui/time.tsx'
import { logName } from './model/log-ids.ts'
import { shownState } from './model/run-state.ts'
import { type RunSummary, readRunSummary } from './read-run-summary.ts'
import styles from './runs.module.css'
import { WorkBadge } from './work-badge.tsx'

type Log = ConversationList['items'][number]

export function RunsTable({ rows }: { readonly rows: readonly Log[] }) {
  return (
    <Table
      caption="Workflow runs"
      rows={rows}
      rowKey={(row) => row.conversation_id}
      columns={[
        { id: 'run', header: 'Run', grow: true, cell: (log) => <RunName log={log} /> },
        { id: 'state', header: 'State', cell: (log) => <RunState log={log} /> },
        { id: 'duration', header: 'Duration', align: 'end', cell: (log) => <Duration log={log} /> },
        { id: 'began', header: 'Began', cell: (log) => <Began log={log} /> },
        { id: 'activities', header: 'Activities', align: 'end', cell: (log) => <Activities log={log} /> },
        { id: 'attempts', header: 'Attempts', align: 'end', cell: (log) => <Attempts log={log} /> },
        { id: 'events', header: 'Events', align: 'end', wideOnly: true, cell: (log) => formatCount(log.event_count) },
        {
          id: 'last',
          header: 'Last event',
          align: 'end',
          wideOnly: true,
          cell: ({ last_at: at }) => at && <RelativeTime at={at} />,
        },
      ]}
    />
  )
}

interface CellProps {
  readonly log: Log
}

/** All cells of a row share what is read. */
function useSummary({ conversation_id: id, head_seq }: Log): UseQueryResult<RunSummary> {
  const { store } = useClient()
  return useQuery({
    queryKey: ['run-summary', id, head_seq],
    queryFn: ({ signal }) => readRunSummary(store, id, head_seq, signal),
    // Events do not change.
    staleTime: Number.POSITIVE_INFINITY,
  })
}

function RunName({ log }: CellProps) {
  const { data } = useSummary(log)
  const id = log.conversation_id
  const name = logName(id)
  const run = name?.kind === 'run' ? name.run : id
  return (
    <span className={styles.runName}>
      <Link href={runPath(id)}>{data?.run.type ?? run}</Link>
      <span className={styles.quiet}>
        {[data?.run.application, data?.run.type ? run : null].filter((part) => typeof part === 'string').join(' · ')}
      </span>
    </span>
  )
}

function RunState({ log }: CellProps) {
  const now = useNow()
  return <Known log={log}>{({ run }) => <WorkBadge state={shownState(run, now)} said={run.said} />}</Known>
}

function Began({ log }: CellProps) {
  return (
    <Known log={log}>
      {({ run: { began, extent } }) => {
        const at = began ?? extent?.[0]
        return at === undefined ? '–' : <RelativeTime at={new Date(at).toISOString()} />
      }}
    </Known>
  )
}

function Duration({ log }: CellProps) {
  const now = useNow()
  return (
    <Known log={log}>
      {({ run }) => {
        const soFar = run.began !== null && shownState(run, now) === 'running' ? Math.max(0, now - run.began) : null
        return formatDuration(run.duration ?? soFar)
      }}
    </Known>
  )
}

function Activities({ log }: CellProps) {
  return <Known log={log}>{({ run, isPartial }) => atLeast(run.activities.length, isPartial)}</Known>
}

function Attempts({ log }: CellProps) {
  return (
    <Known log={log}>
      {({ run: { attempts, retries }, isPartial }) => (
        <>
          {atLeast(attempts, isPartial)}
          {retries > 0 && (
            <span className={styles.retries}>
              {' '}
              {formatCount(retries)} {retries === 1 ? 'retry' : 'retries'}
            </span>
          )}
        </>
      )}
    </Known>
  )
}

function atLeast(count: number, isPartial: boolean): string {
  return `${formatCount(count)}${isPartial ? '+' : ''}`
}

function Known({ log, children }: CellProps & { readonly children: (summary: RunSummary) => ReactNode }) {
  const { data, isError } = useSummary(log)
  return data ? children(data) : isError ? '–' : <span className={styles.pending} />
}
