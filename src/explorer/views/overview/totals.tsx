import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useClient } from '../../data/client.tsx'
import { PATHS, withQuery } from '../../routing/paths.ts'
import { boundsOf, DEFAULT_RANGE, type TimeRangeName } from '../../routing/time-range.ts'
import { formatCount, formatShare } from '../../ui/format.ts'
import { Stat, Stats } from '../../ui/stat/stat.tsx'
import { type ActivitySeries, assistantTotals } from './overview-numbers.ts'
import type { Overview } from './use-overview.ts'
import { REFRESH_MS } from './use-overview.ts'

/** So many unfinished requests are counted: beyond that there are many. */
const MAX_UNFINISHED = 50

export interface TotalsProps {
  readonly range: TimeRangeName
  readonly totals: ActivitySeries['totals']
  readonly assistants: Overview['assistants']
}

export function Totals({ range, totals: { events, failures }, assistants: { assistants } }: TotalsProps) {
  const { requests, responses, failures: failed, successRate } = assistantTotals(assistants)
  return (
    <Stats>
      <Stat label="Events" value={formatCount(events)} />
      <Stat
        label="Failures"
        value={formatCount(failures)}
        tone={failures > 0 ? 'danger' : 'plain'}
        note={`${formatShare(events === 0 ? null : failures / events)} of events`}
      />
      <Stat label="Assistant requests" value={formatCount(requests)} note={`${formatCount(responses)} answered`} />
      <Stat
        label="Success rate"
        value={formatShare(successRate)}
        note={`${formatCount(failed)} of ${formatCount(responses + failed)} failed`}
      />
      <UnfinishedStat range={range} />
    </Stats>
  )
}

function UnfinishedStat({ range }: { readonly range: TimeRangeName }) {
  const { monitor } = useClient()
  const { data } = useQuery({
    queryKey: ['overview', range, 'unfinished'],
    queryFn: ({ signal }) => monitor.unfinishedPage({ ...boundsOf(range), limit: MAX_UNFINISHED, signal }),
    refetchInterval: REFRESH_MS[range] ?? false,
    placeholderData: keepPreviousData,
  })
  const count = data?.items.length ?? 0
  const href = withQuery(PATHS.unfinished, new URLSearchParams(range === DEFAULT_RANGE ? {} : { range }))
  return (
    <Stat
      label="Unfinished requests"
      value={data ? `${formatCount(count)}${data.next_cursor === null ? '' : '+'}` : '–'}
      tone={count > 0 ? 'warning' : 'plain'}
      note={<Link href={href}>{count > 0 ? 'See what is open' : 'Unfinished'}</Link>}
    />
  )
}
