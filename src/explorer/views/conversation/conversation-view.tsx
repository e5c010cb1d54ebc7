import { type ComponentType, lazy, Suspense, useCallback, useDeferredValue, useMemo, useState } from 'react'
import type { ConversationItem } from '../../data/conversation-item.ts'
import { type ConversationEvents, useConversationEpoch, useConversationEvents } from '../../data/use-conversation-events.ts'
import { CONVERSATION_VIEWS, type ConversationView as Tab } from '../../routing/paths.ts'
import { choiceParam, flagParam, seqParam, useQueryParams } from '../../routing/query-params.ts'
import { CopyButton } from '../../ui/button/copy-button.tsx'
import { EmptyState, ErrorNotice, LoadingState, States, type ViewState } from '../../ui/states/states.tsx'
import { Tabs } from '../../ui/tabs/tabs.tsx'
import { View } from '../../ui/view/view.tsx'
import type { ConversationTabProps } from './conversation-tab.ts'
import { DetailsPlace } from './details/details-place.tsx'
import { ConversationFacts } from './header/conversation-facts.tsx'
import { LiveSwitch } from './header/live-switch.tsx'
import { ReplayBar } from './replay/replay-bar.tsx'
import { useReplay } from './replay/use-replay.ts'
import { firstAfter, Spans } from './spans/spans.ts'

const PARAMS = { view: choiceParam(CONVERSATION_VIEWS), seq: seqParam, live: flagParam }

const TABS: Readonly<Record<Tab, { readonly label: string; readonly Tab: ComponentType<ConversationTabProps> }>> = {
  timeline: { label: 'Timeline', Tab: lazy(() => import('./timeline/timeline-tab.tsx')) },
  messages: { label: 'Messages', Tab: lazy(() => import('./messages/messages-tab.tsx')) },
  graph: { label: 'Event graph', Tab: lazy(() => import('./graph/graph-tab.tsx')) },
  raw: { label: 'Raw events', Tab: lazy(() => import('./raw/raw-tab.tsx')) },
}

export default function ConversationView({ id }: { readonly id: string }) {
  return <Conversation key={useConversationEpoch(id)} id={id} />
}

function Conversation({ id }: { readonly id: string }) {
  const [{ view, seq, live }, set] = useQueryParams(PARAMS)
  const events = useConversationEvents(id, { live })
  const { items, phase, failure, retry } = events
  const spans = useSpans(items)
  const replay = useReplay()
  // The slider moves at once; what it shows follows as fast as it can be drawn.
  const at = useDeferredValue(replay.at)
  const shown = useMemo(
    () => (at === null ? events : { ...events, items: items.slice(0, firstAfter(items, at)) }),
    [events, items, at],
  )
  const onSelect = useCallback((chosen: number | null) => set({ seq: chosen }), [set])
  const { Tab } = TABS[view]
  return (
    <View
      title={id}
      documentTitle={`Conversation ${id}`}
      actions={
        <>
          <CopyButton text={id} what="conversation id" />
          <LiveSwitch live={live} events={events} onChange={(next) => set({ live: next })} />
        </>
      }
    >
      {failure && items.length > 0 && <ErrorNotice failure={failure} onRetry={retry} />}
      {items.length > 0 && (
        <>
          <ConversationFacts
            items={shown.items}
            spans={spans}
            isReplay={at !== null}
            isLoading={phase === 'loading'}
            onSelect={onSelect}
          />
          <ReplayBar items={items} spans={spans} {...replay} />
        </>
      )}
      <div>
        <Tabs
          label="Views of the conversation"
          tabs={CONVERSATION_VIEWS.map((id) => ({ id, label: TABS[id].label }))}
          selected={view}
          onSelect={(chosen) => set({ view: chosen }, { replace: false })}
        >
          <States
            state={stateOf(events)}
            empty={
              <EmptyState title="No events in this conversation">
                Check its id, or follow it live: its events appear as they are recorded.
              </EmptyState>
            }
          >
            <DetailsPlace seq={seq} items={shown.items} spans={spans} isLoading={phase === 'loading'} onSelect={onSelect}>
              <Suspense fallback={<LoadingState />}>
                <Tab id={id} events={shown} seq={seq} live={live} onSelect={onSelect} at={at} spans={spans} />
              </Suspense>
            </DetailsPlace>
          </States>
        </Tabs>
      </div>
    </View>
  )
}

/** The runs of the items, which only ever grow: each is looked at once. */
function useSpans(items: readonly ConversationItem[]): Spans {
  const [spans] = useState(() => new Spans())
  useMemo(() => spans.feed(items), [spans, items])
  return spans
}

function stateOf({ items, phase, failure, retry }: ConversationEvents): ViewState {
  if (items.length > 0) return { kind: 'ready' }
  if (failure) return { kind: 'failed', failure, retry }
  return { kind: phase === 'loading' ? 'loading' : 'empty' }
}
