/** From when to when, in Unix milliseconds. */
export interface RunAxis {
  readonly from: number
  readonly to: number
  /** Milliseconds after `from`: whole steps. */
  readonly ticks: readonly number[]
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Steps between two ticks that read well, in milliseconds. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 5, 10, 30, 100, 365].map((days) => days * DAY),
]

/** An axis with at most `maxTicks` ticks beside the one at its beginning. */
export function runAxis(from: number, to: number, maxTicks: number): RunAxis {
  const length = Math.max(1, to - from)
  const step = STEPS.find((one) => length / one <= maxTicks) ?? length / maxTicks
  return { from, to: from + length, ticks: Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step) }
}

/** Where a time lies, from 0 to 1. */
export function placeOn({ from, to }: RunAxis, at: number): number {
  return Math.min(1, Math.max(0, (at - from) / (to - from)))
}
