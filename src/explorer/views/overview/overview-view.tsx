import { useMemo } from 'react'
import { type TimeRangeName, useTimeRange } from '../../routing/time-range.ts'
import { RefreshButton } from '../../ui/button/refresh-button.tsx'
import { TimeRangePicker } from '../../ui/segmented/segmented.tsx'
import { EmptyState, LoadingState, QueryStates } from '../../ui/states/states.tsx'
import { Section, View } from '../../ui/view/view.tsx'
import { ActivityChart } from './activity-chart.tsx'
import { AssistantsTable } from './assistants-table.tsx'
import { FirstEventGuide } from './first-event-guide.tsx'
import { NewestConversations } from './newest-conversations.tsx'
import styles from './overview.module.css'
import { activitySeries } from './overview-numbers.ts'
import { Totals } from './totals.tsx'
import { type Overview, REFRESH_MS, useOverview } from './use-overview.ts'

/** What the ranges are called. */
const RANGE_WORDS: Readonly<Record<TimeRangeName, string>> = {
  '15m': 'The last 15 minutes',
  '1h': 'The last hour',
  '6h': 'The last 6 hours',
  '24h': 'The last 24 hours',
  '7d': 'The last 7 days',
  '30d': 'The last 30 days',
}

export default function OverviewView() {
  const [range, setRange] = useTimeRange()
  const query = useOverview(range)
  return (
    <View
      title="Overview"
      subtitle={`${RANGE_WORDS[range]}${REFRESH_MS[range] === undefined ? '' : ', kept up to date'}`}
      actions={
        <>
          <TimeRangePicker range={range} onSelect={setRange} />
          <RefreshButton queryKey={['overview']} />
        </>
      }
    >
      <QueryStates
        query={query}
        isEmpty={({ hasAny }) => !hasAny}
        loading={<LoadingState lines={10} />}
        empty={<FirstEventGuide />}
      >
        {(overview) => <Panels range={range} overview={overview} />}
      </QueryStates>
    </View>
  )
}

function Panels({ range, overview }: { readonly range: TimeRangeName; readonly overview: Overview }) {
  const { activity, assistants, newest } = overview
  const series = useMemo(() => activitySeries(activity), [activity])
  return (
    <>
      <Totals range={range} totals={series.totals} assistants={assistants} />
      <ActivityChart series={series} step={activity.step} newestAt={newest[0]?.last_at ?? null} />
      <div className={styles.columns}>
        <Section title="Assistants">
          {assistants.assistants.length > 0 ? (
            <AssistantsTable {...assistants} />
          ) : (
            <EmptyState icon="assistant" title="No assistant ran in this time">
              Choose a longer range of time.
            </EmptyState>
          )}
        </Section>
        <Section title="Newest conversations">
          <NewestConversations items={newest} />
        </Section>
      </div>
    </>
  )
}
