import type { Mark, Span } from './span.ts'

/** Where a topic event comes from or goes to, in the events' own words. */
export interface TopicFacts {
  /** `publisher_name` or `consumer_name`. */
  readonly by: string | null
  readonly consumed: readonly string[]
  readonly isConsume: boolean
}

/**
 * Finds the run of a topic event. The runs' inputs and outputs name topic events by id: one of these runs it is, by preference the
 * one of the publisher's or consumer's name. Else it is the latest run of that name. A topic event may be recorded before the run
 * that names it.
 */
export class TopicPlaces {
  readonly #runsByEvent = new Map<string, Span[]>()
  readonly #waiting = new Map<string, Mark>()
  readonly #latest = new Map<string, Span>()
  readonly #published = new Map<string, number>()
  readonly #consumed = new Map<string, number[]>()

  /** Tells of a run and the topic events that its invoke or its end names; `seq` is that event's. */
  take(span: Span, ids: readonly string[], seq: number): void {
    const name = nameKey(span.request, span.name)
    if (span.id > (this.#latest.get(name)?.id ?? 0)) this.#latest.set(name, span)
    for (const id of ids) {
      const runs = this.#runsByEvent.get(id)
      if (!runs) this.#runsByEvent.set(id, [span])
      else if (!runs.includes(span)) runs.push(span)
      const mark = this.#waiting.get(id)
      if (!mark) continue
      this.#waiting.delete(id)
      place(mark, span, seq)
    }
  }

  put(mark: Mark, { by, consumed, isConsume }: TopicFacts): void {
    if (mark.topic !== null && mark.offset !== null) {
      const key = topicKey(mark.request, mark.topic, mark.offset)
      if (!isConsume) this.#published.set(key, this.#published.get(key) ?? mark.seq)
      else if (!this.#consumed.get(key)?.push(mark.seq)) this.#consumed.set(key, [mark.seq])
    }
    const named = this.#runsByEvent.get(mark.eventId) ?? []
    const consumers = consumed.flatMap((id) => this.#runsByEvent.get(id) ?? [])
    const byName = (span: Span) => span.name === by
    const span =
      named.find(byName) ?? named.at(-1) ?? consumers.findLast(byName) ?? this.#latest.get(nameKey(mark.request, by)) ?? null
    if (span) place(mark, span, mark.seq)
    else this.#waiting.set(mark.eventId, mark)
  }

  /** The seq of the event that was published there. */
  publishedAt(request: string | null, topic: string, offset: number): number | null {
    return this.#published.get(topicKey(request, topic, offset)) ?? null
  }

  /** The seqs of the events that read from there. */
  consumedAt(request: string | null, topic: string, offset: number): readonly number[] {
    return this.#consumed.get(topicKey(request, topic, offset)) ?? []
  }
}

/** Puts a mark on a run, from the event `seq` on. */
export function place(mark: Mark, span: Span, seq: number): void {
  mark.span = span
  mark.placedAt = seq
  span.marks.push(mark)
  reach(span, Math.max(seq, mark.seq), mark.at)
}

/** An event happened in a span, and so in all that it is in. */
export function reach(span: Span, seq: number, at: number): void {
  for (let one: Span | null = span; one; one = one.parent) {
    one.lastSeq = Math.max(one.lastSeq, seq)
    one.lastAt = Math.max(one.lastAt, at)
  }
}

function nameKey(request: string | null, name: string | null): string {
  return JSON.stringify([request, name])
}

function topicKey(request: string | null, topic: string, offset: number): string {
  return JSON.stringify([request, topic, offset])
}
