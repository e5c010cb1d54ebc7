import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConversationItem } from '../../../src/explorer/data/conversation-item.ts'
import { requestStates } from '../../../src/explorer/views/conversation/spans/requests.ts'
import { rowsOf } from '../../../src/explorer/views/conversation/spans/rows.ts'
import { endOf, extentOf, liesOutside, marksOf, outcomeOf } from '../../../src/explorer/views/conversation/spans/span.ts'
import { isSpan, Spans, spansOf } from '../../../src/explorer/views/conversation/spans/spans.ts'
import { requestSummary } from '../../../src/model/request-summary.ts'
import { itemsOf, told, topicTold } from './items.ts'

const END = Number.POSITIVE_INFINITY
const REQUESTS = ['r1', 'r2']
const NAMES = ['A', 'B']
const TOPICS = ['t1', 't2', 't3', 't4']

/** Events in any order: ends before their invokes, runs without the ones they are in, clocks that go back. */
const componentEvent = fc
  .record({
    family: fc.constantFrom('Assistant', 'Workflow', 'Node', 'Tool'),
    phase: fc.constantFrom('Invoke', 'Invoke', 'Respond', 'Failed'),
    name: fc.constantFrom(...NAMES),
    request: fc.constantFrom(...REQUESTS),
    at: fc.integer({ min: 0, max: 1000 }),
    topic: fc.constantFrom(...TOPICS),
  })
  .map(({ family, phase, topic, ...rest }) => {
    const named = topicTold({ type: 'PublishToTopic', id: topic })
    return told({ ...rest, type: `${family}${phase}`, input: named, ...(phase === 'Respond' ? { output: [named] } : {}) })
  })
const topicEvent = fc
  .record({
    type: fc.constantFrom('PublishToTopic' as const, 'ConsumeFromTopic' as const),
    id: fc.constantFrom(...TOPICS),
    by: fc.constantFrom(...NAMES, 'nobody'),
    at: fc.integer({ min: 0, max: 1000 }),
    request: fc.constantFrom(...REQUESTS),
  })
  .map(topicTold)
const conversations = fc
  .array(fc.oneof({ arbitrary: componentEvent, weight: 4 }, topicEvent), { maxLength: 60 })
  .map((events) => itemsOf(events))

/** All that views show of the runs up to a seq. */
function seen(spans: Spans, until: number) {
  return {
    rows: rowsOf(spans.roots, until, new Set()).map(({ id, depth, span, mark, hasChildren }) => ({
      ...{ id, depth, hasChildren, mark: mark?.seq },
      ...(span && {
        begin: span.begin?.seq,
        end: endOf(span, until)?.seq,
        outcome: outcomeOf(span, until),
        parent: span.parent?.id,
        extent: extentOf(span, until),
        marks: marksOf(span, until).map(({ seq }) => seq),
        isOutside: liesOutside(span, until),
      }),
    })),
    requests: requestStates(spans, until).map(({ request, span, outcome, duration }) => ({
      request,
      id: span.id,
      outcome,
      duration,
    })),
  }
}

describe('runs, whatever is recorded,', () => {
  it('are the same fed piece by piece as fed at once', () => {
    fc.assert(
      fc.property(conversations, fc.array(fc.nat(60), { maxLength: 6 }), (items, cuts) => {
        const spans = new Spans()
        for (const cut of [...cuts.toSorted((a, b) => a - b), items.length]) spans.feed(items.slice(0, cut))
        expect(seen(spans, END)).toEqual(seen(spansOf(items), END))
      }),
    )
  })

  it('are at an event what they would be had nothing come after it', () => {
    fc.assert(
      fc.property(conversations, fc.nat(60), (items, until) => {
        expect(seen(spansOf(items), until)).toEqual(seen(spansOf(items.slice(0, until)), END))
      }),
    )
  })

  it('have a place for each event, and one only', () => {
    fc.assert(
      fc.property(conversations, (items) => {
        const spans = spansOf(items)
        const seqs = [
          ...spans.all.flatMap(({ begin, end, marks }) => [begin?.seq, end?.seq, ...marks.map(({ seq }) => seq)]),
          ...spans.roots.filter((root) => !isSpan(root) && !root.span).map((root) => (isSpan(root) ? 0 : root.seq)),
        ].filter((seq) => seq !== undefined)
        expect(seqs.toSorted((a, b) => a - b)).toEqual(items.map(({ seq }) => seq))
      }),
    )
  })

  it('lie in the time of what they are in, or say that they do not', () => {
    fc.assert(
      fc.property(conversations, (items) => {
        for (const span of spansOf(items).all) {
          const { parent } = span
          if (!parent) continue
          expect(parent.request).toBe(span.request)
          expect(parent.children).toContain(span)
          expect(parent.depth).toBe(span.depth - 1)
          const starts = (span.begin ?? span.end)?.at ?? 0
          const isWithin = starts >= (parent.begin?.at ?? 0) && (!parent.end || (span.end?.at ?? starts) <= parent.end.at)
          if (!isWithin) expect(liesOutside(span, END)).toBe(true)
        }
      }),
    )
  })

  it('are open exactly where the summary of their request says so', () => {
    fc.assert(
      fc.property(conversations, (items) => {
        const { all } = spansOf(items)
        for (const request of REQUESTS) {
          const open = all.filter((span) => span.request === request && outcomeOf(span, END) === 'open')
          expect(open.map(({ id }) => id)).toEqual(unfinished(items, request))
        }
      }),
    )
  })
})

function unfinished(items: readonly ConversationItem[], request: string): number[] {
  const own = items.filter(({ raw }) => (raw as { assistant_request_id: string }).assistant_request_id === request)
  const seqs = new Map(own.map(({ seq, raw }) => [(raw as { event_id: string }).event_id, seq]))
  return requestSummary(own.map(({ raw }) => raw)).unfinished.map(({ event_id }) => seqs.get(event_id) ?? 0)
}
