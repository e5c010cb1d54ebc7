import { classes } from '../../../ui/classes.ts'
import { formatClock, formatDuration } from '../../../ui/format.ts'
import type { Attempt, WorkState } from '../model/attempts.ts'
import { placeOn, type RunAxis } from '../model/run-axis.ts'
import { WORK_WORDS } from '../model/run-state.ts'
import styles from './timeline.module.css'

export interface TrackBar {
  readonly key: string | number
  readonly from: number
  readonly to: number
  readonly state: WorkState
  readonly title: string
}

export interface TrackMark {
  readonly key: number
  readonly at: number
  readonly name: string
  readonly isBad?: boolean
}

export interface TrackProps {
  readonly axis: RunAxis
  readonly bars?: readonly TrackBar[]
  readonly marks?: readonly TrackMark[]
}

/** Marks of one line that are drawn: more than that no eye tells apart. */
const MAX_MARKS = 200

/** Bars and marks on the axis. What they show stands in words in the line and in those below it. */
export function Track({ axis, bars = [], marks = [] }: TrackProps) {
  const every = Math.ceil(marks.length / MAX_MARKS)
  const drawn = every > 1 ? marks.filter((_, index) => index % every === 0) : marks
  return (
    <span className={styles.track} aria-hidden="true">
      {bars.map(({ key, from, to, state, title }) => (
        <span
          key={key}
          title={title}
          className={classes(styles.bar, styles[state])}
          style={{ left: percent(placeOn(axis, from)), width: percent(placeOn(axis, to) - placeOn(axis, from)) }}
        />
      ))}
      {drawn.map(({ key, at, name, isBad }) => (
        <span
          key={key}
          title={`${name}, ${formatClock(at)}`}
          className={classes(styles.mark, isBad && styles.badMark)}
          style={{ left: percent(placeOn(axis, at)) }}
        />
      ))}
    </span>
  )
}

export function percent(share: number): string {
  return `${share * 100}%`
}

/** The bar of an attempt; what has no end reaches as far as `until`. Null when nothing tells when it was. */
export function attemptBar({ number, state, began, ended, duration }: Attempt, until: number): TrackBar | null {
  const from = began ?? ended
  if (from === null) return null
  const length = duration === null ? '' : `, ${formatDuration(duration)}`
  return {
    key: number,
    from,
    to: Math.max(from, ended ?? until),
    state,
    title: `Attempt ${number}: ${WORK_WORDS[state]}${length}`,
  }
}
