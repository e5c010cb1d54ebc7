import { useMemo, useState } from 'react'
import { Link } from 'wouter'
import { type ConversationEvents, useConversationEpoch, useConversationEvents } from '../../data/use-conversation-events.ts'
import { conversationPath } from '../../routing/paths.ts'
import { flagParam, seqParam, useQueryParams } from '../../routing/query-params.ts'
import { CopyButton } from '../../ui/button/copy-button.tsx'
import { EmptyState, ErrorNotice, States, type ViewState } from '../../ui/states/states.tsx'
import { useNow } from '../../ui/time.tsx'
import { Section, View } from '../../ui/view/view.tsx'
import { LiveSwitch } from '../conversation/header/live-switch.tsx'
import { logIdOf, logName } from './model/log-ids.ts'
import { shownState } from './model/run-state.ts'
import { WorkflowRunBuilder } from './model/workflow-run.ts'
import { RunEventDrawer } from './run-event-drawer.tsx'
import { RunFacts } from './run-facts.tsx'
import styles from './runs.module.css'
import { RunTimeline } from './timeline/run-timeline.tsx'
import { WorkBadge } from './work-badge.tsx'

const PARAMS = { seq: seqParam, live: flagParam }

/** `id`: the log's conversation id, or the run's id alone. */
export default function RunView({ id }: { readonly id: string }) {
  const logId = logIdOf(id)
  return <Run key={useConversationEpoch(logId)} logId={logId} />
}

function Run({ logId }: { readonly logId: string }) {
  const [{ seq, live }, set] = useQueryParams(PARAMS)
  const events = useConversationEvents(logId, { live })
  const { items, failure, phase, retry } = events
  const [builder] = useState(() => new WorkflowRunBuilder())
  const run = useMemo(() => builder.feed(items).result(), [builder, items])
  const now = useNow()
  const name = logName(logId)
  const runId = name?.kind === 'run' ? name.run : logId
  const state = shownState(run, now)
  return (
    <View
      title={run.type ?? runId}
      documentTitle={`Run ${runId}`}
      subtitle={
        <span className={styles.ids}>
          {items.length > 0 && <WorkBadge state={state} said={run.said} />}
          <code>{runId}</code>
          <CopyButton text={runId} what="run id" />
          {run.application !== null && <span>{run.application}</span>}
          {run.workflowId !== null && run.workflowId !== runId && <span>Workflow {run.workflowId}</span>}
        </span>
      }
      actions={
        <>
          <Link href={conversationPath(logId, { view: 'raw' })} className={styles.all}>
            All events
          </Link>
          <LiveSwitch live={live} events={events} onChange={(next) => set({ live: next })} />
        </>
      }
    >
      {failure && items.length > 0 && <ErrorNotice failure={failure} onRetry={retry} />}
      <States
        state={stateOf(events)}
        empty={
          <EmptyState icon="runs" title="Nothing was published by this run">
            Check its id, or follow it live: its events appear as they are published.
          </EmptyState>
        }
      >
        {run.error !== null && (
          <p className={styles.error}>
            <strong>The run failed.</strong> {run.error}
          </p>
        )}
        <RunFacts run={run} state={state} now={now} isLoading={phase === 'loading'} />
        <Section title="Activities">
          <RunTimeline run={run} state={state} now={now} onSelect={(chosen) => set({ seq: chosen })} />
        </Section>
        {seq !== null && <RunEventDrawer seq={seq} items={items} onSelect={(chosen) => set({ seq: chosen })} />}
      </States>
    </View>
  )
}

function stateOf({ items, phase, failure, retry }: ConversationEvents): ViewState {
  if (items.length > 0) return { kind: 'ready' }
  if (failure) return { kind: 'failed', failure, retry }
  return { kind: phase === 'loading' ? 'loading' : 'empty' }
}
