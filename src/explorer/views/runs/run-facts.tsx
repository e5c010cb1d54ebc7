import { classes } from '../../ui/classes.ts'
import { formatCount, formatDuration } from '../../ui/format.ts'
import { Stat, Stats } from '../../ui/stat/stat.tsx'
import { ExactTime, RelativeTime } from '../../ui/time.tsx'
import type { ShownState } from './model/run-state.ts'
import type { WorkflowRun } from './model/workflow-run.ts'
import styles from './runs.module.css'

export interface RunFactsProps {
  readonly run: WorkflowRun
  readonly state: ShownState
  /** Unix milliseconds. */
  readonly now: number
  readonly isLoading: boolean
}

export function RunFacts({ run, state, now, isLoading }: RunFactsProps) {
  const { began, duration, extent, activities, attempts, retries, count } = run
  const at = began ?? extent?.[0] ?? null
  const failed = activities.filter((activity) => activity.state === 'failed').length
  const [length, note] =
    duration !== null
      ? [duration, undefined]
      : state === 'running' && at !== null
        ? [Math.max(0, now - at), 'so far']
        : [null, extent && <>last event {<RelativeTime at={new Date(extent[1]).toISOString()} />}</>]
  const iso = at === null ? null : new Date(at).toISOString()
  return (
    <Stats>
      <Stat
        label="Began"
        value={iso === null ? '–' : <RelativeTime at={iso} />}
        note={
          iso === null ? undefined : (
            <span className={styles.exact}>
              <ExactTime at={iso} />
            </span>
          )
        }
      />
      <Stat label="Duration" value={formatDuration(length)} note={note} />
      <Stat
        label="Activities"
        value={formatCount(activities.length)}
        note={failed > 0 ? <span className={styles.bad}>{formatCount(failed)} failed</span> : 'none failed'}
      />
      <Stat
        label="Attempts"
        value={formatCount(attempts)}
        note={
          <span
            className={classes(retries > 0 && styles.retries)}
          >{`${formatCount(retries)} ${retries === 1 ? 'retry' : 'retries'}`}</span>
        }
      />
      <Stat label="Events" value={formatCount(count)} note={isLoading ? 'more are coming' : undefined} />
    </Stats>
  )
}
