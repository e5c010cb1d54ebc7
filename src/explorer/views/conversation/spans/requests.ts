import type { ConversationItem } from '../../../data/conversation-item.ts'
import { durationOf, extentOf, type Outcome, outcomeOf, type Span } from './span.ts'
import type { Spans } from './spans.ts'

/** An assistant request as the conversation's runs tell of it. */
export interface RequestState {
  readonly request: string
  /** Its assistant, or whatever run tells of it when the assistant's own is missing. */
  readonly span: Span
  readonly outcome: Outcome
  /** Milliseconds; null while it has no end. */
  readonly duration: number | null
}

/** The requests that began up to a seq, in the order in which they began. What its last assistant came to counts. */
export function requestStates({ requests }: Spans, until: number): RequestState[] {
  const states: RequestState[] = []
  for (const [request, roots] of requests) {
    const begun = roots.filter((span) => span.id <= until)
    const span = begun.findLast((one) => one.family === 'assistant') ?? begun.at(-1)
    if (span) states.push({ request, span, outcome: outcomeOf(span, until), duration: durationOf(span, until) })
  }
  return states
}

/** The innermost runs without an end: where the work stands, or stopped. */
export function openEnds({ all }: Spans, until: number): Span[] {
  return all.filter((span) => isOpen(span, until) && !span.children.some((child) => isOpen(child, until)))
}

function isOpen(span: Span, until: number): boolean {
  return span.id <= until && span.begin !== null && outcomeOf(span, until) === 'open'
}

/** First and last instant of all roots, in Unix microseconds; null when there is none. */
export function extentOfAll({ roots }: Spans, until: number): readonly [number, number] | null {
  let extent: readonly [number, number] | null = null
  for (const root of roots) {
    const isRun = 'children' in root
    if ((isRun ? root.id : root.seq) > until) continue
    const [from, to] = isRun ? extentOf(root, until) : [root.at, root.at]
    extent = extent ? [Math.min(extent[0], from), Math.max(extent[1], to)] : [from, to]
  }
  return extent
}

/** When the last event happened, in Unix milliseconds: what is recorded today may tell of a run of last year, and a clock be ahead. */
export function lastActivity(spans: Spans, last: ConversationItem | undefined): number {
  return Math.min(Date.parse(last?.recorded_at ?? ''), (extentOfAll(spans, last?.seq ?? 0)?.[1] ?? 0) / 1000)
}
