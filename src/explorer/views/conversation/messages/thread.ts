import { member, text, topicOf } from '../../../../model/event-context.ts'
import { componentEventKind, isTopicEventType } from '../../../../model/event-types.ts'
import type { ConversationItem } from '../../../data/conversation-item.ts'
import { firstAfter } from '../spans/spans.ts'
import { type Carried, carriedByComponent, carriedByTopic, requestOf } from './carriers.ts'

/** A message, or a piece of one, at the event that told of it first. */
export interface Told extends Carried {
  readonly seq: number
  readonly request: string | null
  /** Who published it: the name of a node, a workflow or an assistant. */
  readonly by: string | null
  /** The event's time, as it says it. */
  readonly at: string
  /** The seq of the event from which on another event tells of it; Infinity while none does. */
  goneAt: number
}

export interface ToldFailure {
  readonly seq: number
  readonly request: string | null
  readonly by: string | null
  readonly type: string
  readonly error: string
  readonly at: string
}

/**
 * The messages that a conversation's events carry, each where it is told first. Only ever appended to, and each event is looked at once.
 * What counts up to a seq is what `conversationMessages` would take from the events up to there:
 * what was published to topics; reads whose publish is missing; component events while their request has no topic events.
 */
export class Thread {
  /** In the order of recording. */
  readonly told: Told[] = []
  /** In the order of recording. */
  readonly failures: ToldFailure[] = []
  #lastSeq = 0
  readonly #firm = new Set<string>()
  readonly #published = new Set<string>()
  readonly #requestsWithTopics = new Set<string | null>()
  /** What stands in for something better, by what that is. */
  readonly #standIns = new Map<string, Told[]>()

  /** Takes the items that it has not yet. They come in the order of seq. */
  feed(items: readonly ConversationItem[]): void {
    for (let at = firstAfter(items, this.#lastSeq); at < items.length; at++) {
      const item = items[at]
      if (!item) continue
      this.#lastSeq = item.seq
      this.#add(item)
    }
  }

  #add(item: ConversationItem): void {
    const { seq, raw } = item
    const type = text(member(raw, 'event_type')) ?? ''
    const request = requestOf(raw)
    const requestKey = JSON.stringify(['request', request])
    if (isTopicEventType(type)) {
      if (!this.#requestsWithTopics.has(request)) this.#remove(requestKey, seq)
      this.#requestsWithTopics.add(request)
      const { name, offset } = topicOf(member(raw, 'event_context'))
      const position = JSON.stringify(['position', request, name, offset])
      if (type !== 'ConsumeFromTopic') {
        if (!this.#published.has(position)) this.#remove(position, seq)
        this.#published.add(position)
        this.#take(item, carriedByTopic(raw), null)
      } else if (!this.#published.has(position)) this.#take(item, carriedByTopic(raw), position)
      return
    }
    const kind = componentEventKind(type)
    if (!kind) return
    if (!this.#requestsWithTopics.has(request)) this.#take(item, carriedByComponent(raw), requestKey)
    const error = text(member(member(raw, 'data'), 'error'))
    if (kind.phase === 'failed') {
      this.failures.push({ seq, request, by: byOf(raw), type, error: error ?? 'No error was told', at: timeOf(item) })
    }
  }

  /** `standsInFor` is what takes its place once that is recorded; null for what stays. */
  #take(item: ConversationItem, carried: readonly Carried[], standsInFor: string | null): void {
    const standIns = standsInFor === null ? null : (this.#standIns.get(standsInFor) ?? [])
    const known = standIns && new Set(standIns.map(({ key }) => key))
    for (const one of carried) {
      if (this.#firm.has(one.key) || known?.has(one.key)) continue
      const { seq, raw } = item
      const told: Told = { ...one, seq, request: requestOf(raw), by: byOf(raw), at: timeOf(item), goneAt: Infinity }
      this.told.push(told)
      known?.add(one.key)
      if (standIns) standIns.push(told)
      else this.#firm.add(one.key)
    }
    if (standIns && standsInFor !== null && standIns.length > 0) this.#standIns.set(standsInFor, standIns)
  }

  #remove(standsInFor: string, seq: number): void {
    for (const told of this.#standIns.get(standsInFor) ?? []) told.goneAt = seq
    this.#standIns.delete(standsInFor)
  }
}

function byOf(raw: unknown): string | null {
  const context = member(raw, 'event_context')
  const topic = text(member(context, 'publisher_name')) ?? text(member(context, 'consumer_name'))
  return topic ?? text(member(context, 'name')) ?? null
}

function timeOf({ raw, recorded_at }: ConversationItem): string {
  return text(member(raw, 'timestamp')) ?? recorded_at
}
