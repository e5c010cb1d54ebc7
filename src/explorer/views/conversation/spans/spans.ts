import { type ComponentFacts, componentFacts } from '../../../../model/component-facts.ts'
import { member, text, topicOf } from '../../../../model/event-context.ts'
import { type EventPayload, payloadItems } from '../../../../model/event-payload.ts'
import { type ComponentFamily, componentEventKind, isTopicEventType } from '../../../../model/event-types.ts'
import { type RunEvent, RunPairs } from '../../../../model/run-pairs.ts'
import { toInstant } from '../../../../model/timestamp.ts'
import type { ConversationItem } from '../../../data/conversation-item.ts'
import { PossibleParents } from './choose-parent.ts'
import type { Mark, Point, Span } from './span.ts'
import { place, reach, type TopicFacts, TopicPlaces } from './topic-places.ts'

/** What an event is to the timeline. */
export type Place = { readonly kind: 'begin' | 'end'; readonly span: Span } | { readonly kind: 'mark'; readonly mark: Mark }

/** What stands at the top: runs in no other, and events that belong to no run. */
export type Root = Span | Mark

interface PairedEvent extends RunEvent {
  /** Null for an end: its span is that of the invoke it ends, or is made when there is none. */
  readonly span: Span | null
}

type Kind = NonNullable<ReturnType<typeof componentEventKind>>

interface NewSpan {
  readonly family: ComponentFamily
  readonly request: string | null
  readonly facts: ComponentFacts
  readonly begin: Point | null
  readonly raw: unknown
  /** Of the event that tells of it first. */
  readonly point: Point
}

interface Request {
  readonly pairs: RunPairs<PairedEvent>
  readonly parents: PossibleParents
  readonly roots: Span[]
}

/**
 * The runs that a conversation's events tell of, as a tree. Only ever appended to: what it says up to a seq is what it would say had
 * it been fed no more than that (see the functions of `span.ts`, which take that seq). Takes constant time an event on average.
 * What ends what is for `RunPairs` to say, what is in what for `PossibleParents`.
 */
export class Spans {
  /** In the order of recording. */
  readonly roots: Root[] = []
  /** The seqs of failed events, in the order of recording. */
  readonly failures: number[] = []
  /** In the order of recording. */
  readonly all: Span[] = []
  /** The runs in no other, by assistant request, in the order of recording. */
  readonly requests = new Map<string, readonly Span[]>()
  /** The last event that was taken. */
  lastSeq = 0
  readonly topics = new TopicPlaces()
  readonly #places = new Map<number, Place>()
  readonly #requests = new Map<string | null, Request>()

  /** Takes the items that it has not yet. They come in the order of seq. */
  feed(items: readonly ConversationItem[]): void {
    for (let at = firstAfter(items, this.lastSeq); at < items.length; at++) {
      const item = items[at]
      if (item) this.#add(item)
    }
  }

  placeOf(seq: number): Place | undefined {
    return this.#places.get(seq)
  }

  #add({ seq, raw, recorded_at }: ConversationItem): void {
    this.lastSeq = seq
    const instant = toInstant(text(member(raw, 'timestamp')) ?? '')
    const at = instant ? instant.seconds * 1_000_000 + instant.micros : Date.parse(recorded_at) * 1000
    const request =
      text(member(raw, 'assistant_request_id')) ??
      text(member(member(member(raw, 'event_context'), 'invoke_context'), 'assistant_request_id'))
    const type = text(member(raw, 'event_type')) ?? ''
    const kind = componentEventKind(type)
    if (kind) this.#addRun({ seq, at }, request, raw, type, kind)
    else this.#addMark({ seq, at }, request, raw, type)
  }

  #addRun(point: Point, request: string | null, raw: unknown, event_type: string, { family, phase }: Kind): void {
    const facts = componentFacts(family, raw)
    const event = { event_id: text(member(raw, 'event_id')) ?? '', event_type, facts }
    const own = this.#requestOf(request)
    if (phase === 'invoke') {
      const span = this.#begin(own, { family, request, facts, begin: point, raw, point })
      own.pairs.add({ ...event, span })
      own.parents.begin(span, raw)
      this.#places.set(point.seq, { kind: 'begin', span })
      this.topics.take(span, topicEventIds(raw, 'input_data'), point.seq)
      return
    }
    const begun = own.pairs.add({ ...event, span: null })?.span
    const span = begun ?? this.#begin(own, { family, request, facts, begin: null, raw, point })
    span.end = point
    own.parents.end(span)
    this.#places.set(point.seq, { kind: 'end', span })
    reach(span, point.seq, point.at)
    if (phase === 'failed') this.#fail(span, point.seq, text(member(member(raw, 'data'), 'error')))
    const inputs = begun ? [] : topicEventIds(raw, 'input_data')
    this.topics.take(span, [...inputs, ...topicEventIds(raw, 'output_data')], point.seq)
  }

  #begin(own: Request, { family, request, facts, begin, raw, point }: NewSpan): Span {
    const { component, name, type } = facts
    const parent = own.parents.choose({ family, component, at: point.at, raw })
    const span: Span = {
      id: point.seq,
      family,
      component,
      name,
      type,
      request,
      begin,
      end: null,
      failed: false,
      error: null,
      parent,
      depth: parent ? parent.depth + 1 : 0,
      children: [],
      marks: [],
      failuresWithin: [],
      lastSeq: point.seq,
      lastAt: point.at,
    }
    this.all.push(span)
    if (parent) parent.children.push(span)
    else {
      this.roots.push(span)
      own.roots.push(span)
      if (request !== null) this.requests.set(request, own.roots)
    }
    reach(span, point.seq, point.at)
    return span
  }

  #fail(span: Span, seq: number, error: string | null): void {
    span.failed = true
    span.error = error
    this.failures.push(seq)
    for (let one = span.parent; one; one = one.parent) one.failuresWithin.push(seq)
  }

  #addMark(point: Point, request: string | null, raw: unknown, type: string): void {
    const isTopic = isTopicEventType(type)
    const context = member(raw, 'event_context')
    const { name: topic, offset } = isTopic ? topicOf(context) : { name: null, offset: null }
    const eventId = text(member(raw, 'event_id')) ?? ''
    const mark: Mark = { ...point, type, eventId, request, topic, offset, span: null, placedAt: point.seq }
    this.#places.set(point.seq, { kind: 'mark', mark })
    if (isTopic) this.topics.put(mark, topicFacts(type, context))
    else {
      const span = this.#requestOf(request).parents.outermost()
      if (span) place(mark, span, point.seq)
    }
    if (!mark.span) this.roots.push(mark)
  }

  #requestOf(request: string | null): Request {
    const own = this.#requests.get(request) ?? { pairs: new RunPairs<PairedEvent>(), parents: new PossibleParents(), roots: [] }
    this.#requests.set(request, own)
    return own
  }
}

/** The runs that events in the order of recording tell of. */
export function spansOf(items: readonly ConversationItem[]): Spans {
  const spans = new Spans()
  spans.feed(items)
  return spans
}

export function isSpan(root: Root): root is Span {
  return 'children' in root
}

/** The index of the first item behind a seq. */
export function firstAfter(items: readonly { readonly seq: number }[], seq: number): number {
  let [from, to] = [0, items.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((items[middle]?.seq ?? 0) <= seq) from = middle + 1
    else to = middle
  }
  return from
}

function topicEventIds(raw: unknown, side: 'input_data' | 'output_data'): string[] {
  return payloadItems(member(member(raw, 'data'), side) as EventPayload)
    .filter((item) => item.event_context !== undefined)
    .map((item) => text(item.event_id))
    .filter((id) => id !== null)
}

function topicFacts(type: string, context: unknown): TopicFacts {
  const consumed = member(context, 'consumed_event_ids')
  return {
    by: text(member(context, 'publisher_name')) ?? text(member(context, 'consumer_name')),
    consumed: Array.isArray(consumed) ? consumed.filter((id) => typeof id === 'string') : [],
    isConsume: type === 'ConsumeFromTopic',
  }
}
