import type { Point } from './span.ts'

export const SCALES = ['time', 'request', 'sequence'] as const
/** Real time with idle gaps cut short, every request from its own beginning, or the order of recording. */
export type Scale = (typeof SCALES)[number]

export interface Tick {
  /** From 0 to 1 of the axis. */
  readonly share: number
  readonly label: string
}

export interface Gap {
  readonly from: number
  readonly to: number
  /** What it stands for. */
  readonly micros: number
}

/** Turns points into places on a line from 0 to 1. */
export interface Axis {
  share(point: Point): number
  readonly ticks: readonly Tick[]
  /** Idle time that is drawn shorter than it was. */
  readonly gaps: readonly Gap[]
}

type Interval = readonly [from: number, to: number]

/** A stretch of time that is drawn to scale. */
interface Stretch {
  readonly from: number
  readonly to: number
  readonly begin: number
  readonly end: number
}

/** Idle time is cut short from this share of the busy time on, and is as long as this then at most. */
const LONGEST_GAP = 0.06

/** All gaps together take at most this share of the busy time. */
const ALL_GAPS = 0.3

/** Shorter idle time is never cut, in microseconds. */
const SHORTEST_CUT = 500_000

/** Steps between ticks, in microseconds. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].flatMap((one) => [one, one * 1000]).sort((a, b) => a - b),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400].map((one) => one * 1_000_000),
]

/** Real time over intervals in which something happened, with what lies between them cut short. `label` says an instant. */
export function timeAxis(intervals: readonly Interval[], maxTicks: number, label: (at: number, step: number) => string): Axis {
  const busy = joined(intervals)
  const first = busy[0]?.[0] ?? 0
  const last = busy.at(-1)?.[1] ?? first
  const idle = busy.slice(1).map(([from], index) => from - (busy[index]?.[1] ?? from))
  const active = Math.max(1, last - first - idle.reduce((sum, gap) => sum + gap, 0))
  const longest = Math.max(SHORTEST_CUT, active * LONGEST_GAP)
  const cuts = idle.filter((gap) => gap > longest).length
  const cut = Math.min(longest, (active * ALL_GAPS) / Math.max(1, cuts))
  const stretches: Stretch[] = []
  const cutGaps: { readonly begin: number; readonly end: number; readonly micros: number }[] = []
  let [from, begin, drawn] = [first, 0, 0]
  for (const [index, gap] of idle.entries()) {
    if (gap <= longest) continue
    const to = busy[index]?.[1] ?? first
    drawn = begin + (to - from)
    stretches.push({ from, to, begin, end: drawn })
    cutGaps.push({ begin: drawn, end: drawn + cut, micros: gap })
    from = to + gap
    begin = drawn + cut
  }
  const total = Math.max(1, begin + (last - from))
  stretches.push({ from, to: last, begin, end: begin + (last - from) })
  const share = (at: number) => Math.min(1, Math.max(0, drawnAt(stretches, at) / total))
  return {
    share: ({ at }) => share(at),
    ticks: ticksOf(stretches, total, maxTicks, label),
    gaps: cutGaps.map(({ begin, end, micros }) => ({ from: begin / total, to: end / total, micros })),
  }
}

/** The order of recording, from one seq to another. */
export function sequenceAxis(first: number, last: number, maxTicks: number): Axis {
  const width = Math.max(1, last - first)
  const step = [1, 2, 5].flatMap((one) => [1, 10, 100, 1e3, 1e4, 1e5].map((ten) => one * ten)).sort((a, b) => a - b)
  const by = step.find((one) => width / one <= maxTicks) ?? 1e6
  const ticks: Tick[] = []
  for (let seq = Math.ceil(first / by) * by; seq <= last; seq += by)
    ticks.push({ share: (seq - first) / width, label: `#${seq}` })
  return { share: ({ seq }) => Math.min(1, Math.max(0, (seq - first) / width)), ticks, gaps: [] }
}

/** Sorted, and those that touch as one. */
function joined(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals.toSorted((a, b) => a[0] - b[0])
  const found: [number, number][] = []
  for (const [from, to] of sorted) {
    const last = found.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else found.push([from, to])
  }
  return found
}

/** Where an instant is drawn, in drawn microseconds; within a cut gap in proportion. */
function drawnAt(stretches: readonly Stretch[], at: number): number {
  let [low, high] = [0, stretches.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((stretches[middle]?.from ?? 0) <= at) low = middle + 1
    else high = middle
  }
  const stretch = stretches[low - 1]
  if (!stretch) return 0
  if (at <= stretch.to) return stretch.begin + (at - stretch.from)
  const next = stretches[low]
  if (!next) return stretch.end
  return stretch.end + ((at - stretch.to) / (next.from - stretch.to)) * (next.begin - stretch.end)
}

/** A tick where each stretch begins, and at round distances from there, as many as there is room for. */
function ticksOf(
  stretches: readonly Stretch[],
  total: number,
  maxTicks: number,
  label: (at: number, step: number) => string,
): Tick[] {
  const step = STEPS.find((one) => total / one <= maxTicks) ?? 86_400_000_000
  const apart = 0.9 / maxTicks
  const ticks: (Tick & { readonly isFirst: boolean })[] = []
  const isNear = (share: number) => share - (ticks.at(-1)?.share ?? -1) < apart
  for (const { from, to, begin } of stretches) {
    // After a pause the time is worth more than a round distance before it.
    while (isNear(begin / total) && ticks.at(-1)?.isFirst === false) ticks.pop()
    for (let at = from; at <= to; at += step) {
      const share = Math.min(1, (begin + at - from) / total)
      if (!isNear(share)) ticks.push({ share, label: label(at, step), isFirst: at === from })
    }
  }
  return ticks.map(({ share, label }) => ({ share, label }))
}
