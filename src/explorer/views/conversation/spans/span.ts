import type { ComponentFamily } from '../../../../model/event-types.ts'

/** An event's place in the order of recording, and when it happened by its own clock. */
export interface Point {
  readonly seq: number
  /** Unix microseconds. */
  readonly at: number
}

/** One run of a component: an invoke with its end, an invoke alone, or an end alone. */
export interface Span {
  /** The seq of the first event that told of it. */
  readonly id: number
  readonly family: ComponentFamily
  readonly component: string | null
  readonly name: string | null
  readonly type: string | null
  /** The assistant request. */
  readonly request: string | null
  /** Null when only its end was recorded. */
  readonly begin: Point | null
  end: Point | null
  failed: boolean
  /** What the failed event says. */
  error: string | null
  readonly parent: Span | null
  readonly depth: number
  /** In the order of recording. */
  readonly children: Span[]
  readonly marks: Mark[]
  /** The seqs of the failed events in the spans below it, in the order of recording. */
  readonly failuresWithin: number[]
  /** Of all that it and the spans in it hold: the seq of the last event and the latest time. */
  lastSeq: number
  lastAt: number
}

/** An event that begins or ends nothing: a topic's, or of a type that is not Graphite's. */
export interface Mark extends Point {
  readonly type: string
  readonly eventId: string
  readonly request: string | null
  /** Of a topic event. */
  readonly topic: string | null
  readonly offset: number | null
  /** The run that it belongs to; null while none is known. */
  span: Span | null
  /** The seq of the event with which its run became known. */
  placedAt: number
}

export type Outcome = 'open' | 'ended' | 'failed'

/** The end of a span, as far as it was recorded up to the seq `until`. */
export function endOf({ end }: Span, until: number): Point | null {
  return end && end.seq <= until ? end : null
}

export function outcomeOf(span: Span, until: number): Outcome {
  if (!endOf(span, until)) return 'open'
  return span.failed ? 'failed' : 'ended'
}

/** Milliseconds; null without a begin and an end. Clocks of two machines may disagree: never below zero. */
export function durationOf(span: Span, until: number): number | null {
  const end = endOf(span, until)
  return span.begin && end ? Math.max(0, end.at - span.begin.at) / 1000 : null
}

/** The marks on a span whose place was known at the seq `until`. */
export function marksOf(span: Span, until: number): readonly Mark[] {
  return span.lastSeq <= until ? span.marks : span.marks.filter((mark) => isPlaced(mark, until))
}

export function isPlaced({ seq, placedAt, span }: Mark, until: number): boolean {
  return span !== null && seq <= until && placedAt <= until
}

/** When a span began and the latest time that is known of it at `until`: its end, else that of what happened in it. */
export function extentOf(span: Span, until: number): readonly [from: number, to: number] {
  const from = span.begin?.at ?? span.end?.at ?? 0
  const end = endOf(span, until)
  return [from, Math.max(from, end ? end.at : latestOf(span, until))]
}

function latestOf(span: Span, until: number): number {
  if (span.lastSeq <= until) return span.lastAt
  let latest = span.begin?.at ?? 0
  for (const mark of span.marks) if (isPlaced(mark, until)) latest = Math.max(latest, mark.at)
  for (const child of span.children) {
    if (child.id > until) break
    latest = Math.max(latest, endOf(child, until)?.at ?? 0, latestOf(child, until))
  }
  return latest
}

/** Whether a span's own times contradict the nesting: it begins before the one it is in, or ends after it. */
export function liesOutside(span: Span, until: number): boolean {
  const { parent } = span
  if (!parent) return false
  const [from, to] = extentOf(span, until)
  const end = endOf(parent, until)
  return from < (parent.begin?.at ?? from) || (end !== null && to > end.at)
}
