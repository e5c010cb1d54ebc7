import { Fragment, type ReactNode } from 'react'
import { Link } from 'wouter'
import type { JsonValue } from '../../../../client/index.ts'
import { componentOf, member, text } from '../../../../model/event-context.ts'
import { componentEventKind } from '../../../../model/event-types.ts'
import type { ConversationItem } from '../../../data/conversation-item.ts'
import { searchPath } from '../../../routing/paths.ts'
import { Badge, EventTypeLabel } from '../../../ui/badge/badge.tsx'
import { IconButton } from '../../../ui/button/button.tsx'
import { CopyButton } from '../../../ui/button/copy-button.tsx'
import { formatDuration } from '../../../ui/format.ts'
import { Icon } from '../../../ui/icons.tsx'
import { JsonView } from '../../../ui/json/json-view.tsx'
import { ExactTime } from '../../../ui/time.tsx'
import { durationOf, endOf, liesOutside, type Mark, marksOf, outcomeOf, type Span } from '../spans/span.ts'
import { firstAfter, type Spans } from '../spans/spans.ts'
import styles from './details.module.css'
import { ErrorText } from './error-text.tsx'
import { MessageList } from './message-list.tsx'
import { payloadMessages } from './payload-messages.ts'
import { RawEvent } from './raw-event.tsx'

export interface EventDetailsProps {
  readonly item: ConversationItem
  /** As shown. */
  readonly items: readonly ConversationItem[]
  readonly spans: Spans
  readonly onSelect: (seq: number) => void
}

/** What one event tells, what belongs to it, and the event itself. */
export function EventDetails({ item, items, spans, onSelect }: EventDetailsProps) {
  const until = items.at(-1)?.seq ?? 0
  const place = spans.placeOf(item.seq)
  const span = place?.kind === 'mark' ? place.mark.span : (place?.span ?? null)
  const { raw } = item
  const data = member(raw, 'data')
  const error = text(member(data, 'error'))
  const errorDetails = member(data, 'error_details')
  const isRun = componentEventKind(typeOf(item)) !== undefined
  return (
    <div className={styles.details}>
      <Steps item={item} items={items} onSelect={onSelect} />
      {/* The buttons above keep the focus on the way from event to event; what was opened below belongs to one event. */}
      <Fragment key={item.seq}>
        {error !== null && <ErrorText error={error} />}
        {place?.kind === 'begin' && outcomeOf(place.span, until) === 'open' && (
          <div className={styles.open}>
            <Icon name="unfinished" size={14} />
            <p>No end of this run was recorded{until < spans.lastSeq ? ' up to here' : ''}.</p>
          </div>
        )}
        <Facts item={item} span={span} mark={place?.kind === 'mark' ? place.mark : null} {...{ spans, until, onSelect }} />
        {errorDetails !== undefined && errorDetails !== null && (
          <section className={styles.part}>
            <h3>Error details</h3>
            <JsonView value={errorDetails as JsonValue} what="error details" open={3} />
          </section>
        )}
        {isRun ? (
          <>
            <MessageList title="Input" messages={payloadMessages(member(data, 'input_data'))} />
            <MessageList title="Output" messages={payloadMessages(member(data, 'output_data'))} />
          </>
        ) : (
          <MessageList title="Messages" messages={payloadMessages(data)} />
        )}
        {isRun && span && <TopicEvents span={span} until={until} onSelect={onSelect} />}
        <RawEvent item={item} />
      </Fragment>
    </div>
  )
}

function Steps({ item, items, onSelect }: Pick<EventDetailsProps, 'item' | 'items' | 'onSelect'>) {
  const index = firstAfter(items, item.seq) - 1
  const [before, after] = [items[index - 1], items[index + 1]]
  return (
    <div className={styles.steps}>
      <EventTypeLabel type={typeOf(item)} />
      <span className={styles.quiet}>event {item.seq}</span>
      <span className={styles.stepButtons}>
        <IconButton icon="back" label="Previous event" disabled={!before} onClick={() => before && onSelect(before.seq)} />
        <IconButton icon="chevron" label="Next event" disabled={!after} onClick={() => after && onSelect(after.seq)} />
      </span>
    </div>
  )
}

interface FactsProps {
  readonly item: ConversationItem
  readonly span: Span | null
  readonly mark: Mark | null
  readonly spans: Spans
  readonly until: number
  readonly onSelect: (seq: number) => void
}

function Facts({ item, span, mark, spans, until, onSelect }: FactsProps) {
  const context = member(item.raw, 'event_context')
  const kind = componentEventKind(typeOf(item))
  const component = kind && componentOf(kind.family, context)
  const end = span && endOf(span, until)
  const request = text(member(item.raw, 'assistant_request_id'))
  const eventId = text(member(item.raw, 'event_id'))
  const timestamp = text(member(item.raw, 'timestamp')) ?? item.recorded_at
  const event = (seq: number, words: string) => <SeqButton seq={seq} words={words} onSelect={onSelect} />
  return (
    <dl className={styles.facts}>
      {component && <Fact name="Component">{component.name || component.id || '–'}</Fact>}
      {component?.type && <Fact name="Type">{component.type}</Fact>}
      {kind && span && (
        <Fact name="Run">
          {durationOf(span, until) !== null && <strong>{formatDuration(durationOf(span, until))}</strong>}
          {span.begin && span.begin.seq !== item.seq && event(span.begin.seq, 'its beginning')}
          {end && end.seq !== item.seq && event(end.seq, 'its end')}
          {!span.begin && <Badge tone="warning">No beginning was recorded</Badge>}
          {liesOutside(span, until) && <Badge tone="warning">Its times lie outside of the run it is in</Badge>}
        </Fact>
      )}
      {mark?.topic != null && (
        <Fact name="Topic">
          <Link href={searchPath(mark.topic)}>{mark.topic}</Link>
          {mark.offset !== null && <span className={styles.quiet}>offset {mark.offset}</span>}
        </Fact>
      )}
      {mark && <TopicEnds mark={mark} {...{ spans, until, onSelect }} />}
      {mark?.span && <Fact name="Run">{event(mark.span.id, mark.span.name || mark.span.family)}</Fact>}
      {kind && span?.parent && <Fact name="Runs in">{event(span.parent.id, span.parent.name || span.parent.family)}</Fact>}
      <Fact name="Time">
        <ExactTime at={timestamp} />
      </Fact>
      <Fact name="Recorded">
        <ExactTime at={item.recorded_at} />
      </Fact>
      {request !== null && (
        <Fact name="Request">
          <Link href={searchPath(request)} className={styles.id}>
            {request}
          </Link>
          <CopyButton text={request} what="request id" />
        </Fact>
      )}
      {eventId !== null && (
        <Fact name="Event id">
          <code className={styles.id}>{eventId}</code>
          <CopyButton text={eventId} what="event id" />
        </Fact>
      )}
    </dl>
  )
}

/** Where what is in a topic came from, and who read it. */
function TopicEnds({ mark, spans, until, onSelect }: Pick<FactsProps, 'spans' | 'until' | 'onSelect'> & { readonly mark: Mark }) {
  if (mark.topic === null || mark.offset === null) return null
  const published = mark.type === 'ConsumeFromTopic' ? spans.topics.publishedAt(mark.request, mark.topic, mark.offset) : null
  const consumed = mark.type === 'ConsumeFromTopic' ? [] : spans.topics.consumedAt(mark.request, mark.topic, mark.offset)
  const readers = consumed.filter((seq) => seq <= until)
  return (
    <>
      {published !== null && published <= until && (
        <Fact name="Published by">
          <SeqButton seq={published} words="event" onSelect={onSelect} />
        </Fact>
      )}
      {readers.length > 0 && (
        <Fact name="Read by">
          {readers.slice(0, 20).map((seq) => (
            <SeqButton key={seq} seq={seq} words="event" onSelect={onSelect} />
          ))}
        </Fact>
      )}
    </>
  )
}

/** Topic events of one run that are listed. */
const LISTED = 50

function TopicEvents({ span, until, onSelect }: { readonly span: Span } & Pick<FactsProps, 'until' | 'onSelect'>) {
  const marks = marksOf(span, until)
  if (marks.length === 0) return null
  return (
    <section className={styles.part}>
      <h3>Topic events of this run</h3>
      <ul className={styles.marks}>
        {marks.slice(0, LISTED).map((mark) => (
          <li key={mark.seq}>
            <button type="button" onClick={() => onSelect(mark.seq)}>
              <EventTypeLabel type={mark.type} />
              <span>
                {mark.topic}
                {mark.offset !== null && `[${mark.offset}]`}
              </span>
              <span className={styles.quiet}>{mark.seq}</span>
            </button>
          </li>
        ))}
      </ul>
      {marks.length > LISTED && <p className={styles.quiet}>{marks.length - LISTED} more</p>}
    </section>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

interface SeqButtonProps {
  readonly seq: number
  readonly words: string
  readonly onSelect: (seq: number) => void
}

function SeqButton({ seq, words, onSelect }: SeqButtonProps) {
  return (
    <button type="button" className={styles.link} onClick={() => onSelect(seq)}>
      {words} <span className={styles.quiet}>{seq}</span>
    </button>
  )
}

function typeOf(item: ConversationItem): string {
  return text(member(item.raw, 'event_type')) ?? ''
}
