import { formatClock, formatDay, formatDuration } from '../../../ui/format.ts'
import { type Axis, type Scale, sequenceAxis, timeAxis } from '../spans/axis.ts'
import { extentOfAll } from '../spans/requests.ts'
import { extentOf, type Mark, type Span } from '../spans/span.ts'
import { isSpan, type Root, type Spans } from '../spans/spans.ts'

export interface Axes {
  /** For the heading; null where each request has its own. */
  readonly common: Axis | null
  /** The axis of a line at the top and of those below it. */
  of(root: Root): Axis
}

export interface AxesOptions {
  readonly spans: Spans
  /** The seq up to which the conversation is shown. */
  readonly until: number
  readonly scale: Scale
  readonly maxTicks: number
  /** Shows this run's time alone. */
  readonly zoom: Span | null
}

export function axesOf({ spans, until, scale, maxTicks, zoom }: AxesOptions): Axes {
  if (scale === 'sequence') {
    const last = zoom ? Math.min(until, zoom.lastSeq) : until
    return same(sequenceAxis(zoom ? zoom.id : 1, last, maxTicks))
  }
  if (zoom) return same(sinceBegin(extentOf(zoom, until), maxTicks))
  if (scale === 'request') {
    const axes = new Map<Root, Axis>()
    const of = (root: Root) => {
      const axis = axes.get(root) ?? sinceBegin(rootExtent(root, until), maxTicks)
      axes.set(root, axis)
      return axis
    }
    return { common: null, of }
  }
  const intervals = spans.roots.filter((root) => seqOf(root) <= until).map((root) => rootExtent(root, until))
  const [first, last] = extentOfAll(spans, until) ?? [0, 0]
  return same(timeAxis(intervals, maxTicks, last - first > DAY_MICROS ? dayAndClock : clock))
}

function same(axis: Axis): Axes {
  return { common: axis, of: () => axis }
}

function sinceBegin(extent: readonly [number, number], maxTicks: number): Axis {
  return timeAxis([extent], maxTicks, (at) => (at === extent[0] ? '0' : `+${formatDuration((at - extent[0]) / 1000)}`))
}

/** An axis that is longer names its days. */
const DAY_MICROS = 86_400_000_000

function dayAndClock(at: number): string {
  return `${formatDay(at / 1000)}, ${formatClock(at / 1000).slice(0, 5)}`
}

function clock(at: number, step: number): string {
  const text = formatClock(at / 1000)
  return step < 1_000_000 ? text : text.slice(0, -4)
}

function rootExtent(root: Root, until: number): readonly [number, number] {
  return isSpan(root) ? extentOf(root, until) : [root.at, root.at]
}

function seqOf(root: Span | Mark): number {
  return isSpan(root) ? root.id : root.seq
}

/** What a run is in that is in no other. */
export function rootOf(span: Span): Span {
  let root = span
  while (root.parent) root = root.parent
  return root
}
