import { Button } from '../../ui/button/button.tsx'
import { EmptyState, ErrorNotice, ErrorState } from '../../ui/states/states.tsx'
import { Section } from '../../ui/view/view.tsx'
import { type EventFilter, isFiltered } from './event-filter.ts'
import { EventList } from './event-list.tsx'
import { all, type Finding, findingOf } from './findings.ts'
import { FoundConversation, FoundEvent, FoundRequest } from './found.tsx'
import { LookedUp } from './looked-up.tsx'
import styles from './search.module.css'
import { typeMeantBy } from './suggestions.ts'
import { hitsOf, type Lookups, useLookups } from './use-search.ts'

export interface IdResultsProps {
  readonly text: string
  readonly filter: EventFilter
  readonly onType: (type: string) => void
}

/** All that the text is the id or the name of. */
export function IdResults({ text, filter, onType }: IdResultsProps) {
  const lookups = useLookups(text, filter)
  const { event, conversation, request, summary, topic } = lookups
  const isSome = (pages: { readonly pages: readonly { readonly hits: readonly unknown[] }[] }) =>
    pages.pages.some(({ hits }) => hits.length > 0)
  const findings = [
    findingOf('Event', event, (hit) => hit !== null),
    findingOf('Conversation', conversation, (found) => found !== null),
    findingOf('Assistant request', request, isSome),
    findingOf('Topic', topic, isSome),
  ]
  const failed = findings.filter(({ outcome }) => outcome === 'failed')
  const retry = () => retryFailed(lookups)
  const [first] = failed
  if (first?.failure && all(findings, 'failed')) return <ErrorState failure={first.failure} onRetry={retry} />
  const hits = hitsOf(request)
  const among = isFiltered(filter) ? ', those that fit' : ''
  return (
    <>
      <LookedUp findings={findings} />
      {first?.failure && (
        <ErrorNotice failure={{ ...first.failure, detail: `${first.failure.detail} ${notKnown(failed)}` }} onRetry={retry} />
      )}
      {event.data && (
        <Section title="Event">
          <FoundEvent hit={event.data} />
        </Section>
      )}
      {conversation.data && (
        <Section title="Conversation">
          <FoundConversation conversation={conversation.data} />
        </Section>
      )}
      {hits.length > 0 && (
        <Section title="Assistant request">
          <FoundRequest id={text} conversationId={hits[0]?.conversationId ?? null} summary={summary} />
          <EventList
            label={`Events of the assistant request in the order of recording${among}`}
            pages={request}
            hasConversations={false}
          />
        </Section>
      )}
      {hitsOf(topic).length > 0 && (
        <Section title="Topic">
          <EventList label={`Events of the topic, last recorded first${among}`} pages={topic} />
        </Section>
      )}
      {all(findings, 'nothing') && <NothingFound text={text} filter={filter} onType={onType} />}
    </>
  )
}

function NothingFound({ text, filter, onType }: IdResultsProps) {
  const type = typeMeantBy(text)
  return (
    <EmptyState icon="search" title="Nothing found">
      <p>
        No event, conversation or assistant request has the id <code>{text}</code>, and no topic the name
        {isFiltered(filter) ? ' with events that fit the filters' : ''}. Ids are looked up whole, and upper and lower case differ.
      </p>
      {type !== null && (
        <p className={styles.hint}>
          There is an event type of this name.{' '}
          <Button onClick={() => onType(type)}>
            Show events of the type <strong>{type}</strong>
          </Button>
        </p>
      )}
    </EmptyState>
  )
}

function notKnown(failed: readonly Finding[]): string {
  return `Not looked up as: ${failed.map(({ what }) => what.toLowerCase()).join(', ')}.`
}

function retryFailed({ event, conversation, request, topic }: Lookups): void {
  for (const query of [event, conversation, request, topic]) if (query.isError) void query.refetch()
}
