import { failureOf } from '../../data/failure.ts'
import { EmptyState, LoadingState, States, type ViewState } from '../../ui/states/states.tsx'
import { Section } from '../../ui/view/view.tsx'
import type { EventFilter } from './event-filter.ts'
import { EventList } from './event-list.tsx'
import { hitsOf, useFeed } from './use-search.ts'

/** The events that fit the filters. */
export function FeedResults({ filter }: { readonly filter: EventFilter }) {
  const feed = useFeed(filter)
  const { data, error, refetch } = feed
  const state: ViewState = data
    ? { kind: hitsOf(feed).length > 0 ? 'ready' : 'empty' }
    : error
      ? { kind: 'failed', failure: failureOf(error), retry: () => void refetch() }
      : { kind: 'loading' }
  return (
    <Section title="Events, last recorded first">
      <States
        state={state}
        loading={<LoadingState lines={10} />}
        empty={
          <EmptyState icon="search" title="No events">
            None of {said(filter)} was recorded. Types and names are compared whole.
          </EmptyState>
        }
      >
        <EventList label="Events that fit, last recorded first" pages={feed} />
      </States>
    </Section>
  )
}

function said({ type, name }: EventFilter): string {
  return [type && `the type “${type}”`, name && `the name “${name}”`].filter(Boolean).join(' with ')
}
