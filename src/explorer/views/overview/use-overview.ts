import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { Activity, AssistantsActivity, ConversationList, EventMonitor } from '../../../client/monitor/index.ts'
import { useClient } from '../../data/client.tsx'
import type { TimeRangeName } from '../../routing/time-range.ts'
import { overviewBounds } from './overview-numbers.ts'

/** How often the ranges are looked at anew in which a minute shows, in milliseconds; only while the page is seen. */
export const REFRESH_MS: Readonly<Partial<Record<TimeRangeName, number>>> = { '15m': 15_000, '1h': 15_000 }

/** Conversations that are shown. */
const NEWEST = 8

export interface Overview {
  readonly activity: Activity
  readonly assistants: AssistantsActivity
  readonly newest: ConversationList['items']
  /** Whether anything was ever recorded. */
  readonly hasAny: boolean
}

/** All numbers at once, so that they fit each other, and fail as one. */
export function useOverview(range: TimeRangeName): UseQueryResult<Overview> {
  const { monitor } = useClient()
  return useQuery({
    queryKey: ['overview', range],
    queryFn: ({ signal }) => readOverview(monitor, range, signal),
    refetchInterval: REFRESH_MS[range] ?? false,
    placeholderData: keepPreviousData,
  })
}

async function readOverview(monitor: EventMonitor, range: TimeRangeName, signal: AbortSignal): Promise<Overview> {
  const { since, until, step } = overviewBounds(range)
  const [activity, assistants, { items: newest }] = await Promise.all([
    monitor.activity({ since, until, step, signal }),
    monitor.assistants({ since, until, signal }),
    monitor.conversations({ kind: 'agent', limit: NEWEST, signal }),
  ])
  const hasAny = newest.length > 0 || activity.points.length > 0 || (await hasRuns(monitor, signal))
  return { activity, assistants, newest, hasAny }
}

async function hasRuns(monitor: EventMonitor, signal: AbortSignal): Promise<boolean> {
  return (await monitor.conversations({ kind: 'application', limit: 1, signal })).items.length > 0
}
