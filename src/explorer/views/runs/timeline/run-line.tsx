import { memo } from 'react'
import { FamilyLabel } from '../../../ui/badge/badge.tsx'
import { classes } from '../../../ui/classes.ts'
import { formatClock, formatDuration } from '../../../ui/format.ts'
import { Icon } from '../../../ui/icons.tsx'
import type { Activity } from '../model/attempts.ts'
import type { RunAxis } from '../model/run-axis.ts'
import type { RunEvent } from '../model/run-event.ts'
import type { RunRow } from '../model/run-rows.ts'
import type { ShownState } from '../model/run-state.ts'
import type { WorkflowRun } from '../model/workflow-run.ts'
import { WorkBadge } from '../work-badge.tsx'
import styles from './timeline.module.css'
import { attemptBar, Track, type TrackMark } from './track.tsx'

export interface LineContext {
  readonly run: WorkflowRun
  readonly state: ShownState
  readonly axis: RunAxis
  /** How far work reaches that has no end: Unix milliseconds. */
  readonly until: number
}

export interface RunLineProps extends LineContext {
  readonly row: RunRow
}

/** What stands in a line. It is all within a button, so that it is but text and drawing. */
export const RunLine = memo(function RunLine({ row, ...context }: RunLineProps) {
  switch (row.kind) {
    case 'workflow':
      return <WorkflowLine {...context} isOpen={row.isOpen} />
    case 'activity':
      return <ActivityLine {...context} activity={row.activity} isOpen={row.isOpen} />
    case 'attempt':
      return <AttemptLine {...context} activity={row.activity} number={row.attempt.number} />
    case 'event':
      return <EventLine {...context} event={row.event} />
  }
})

function WorkflowLine({ run, state, axis, until, isOpen }: LineContext & { readonly isOpen: boolean }) {
  const [first, last] = run.extent ?? [axis.from, axis.to]
  const began = run.began ?? first
  const ended = run.ended ?? (run.state === 'running' ? until : last)
  const others = run.events.length
  const shown = run.state === 'running' && state === 'unfinished' ? 'lost' : run.state
  const bar = { key: 'run', from: began, to: ended, state: shown, title: 'Workflow' }
  return (
    <>
      <span className={styles.name}>
        <Toggle isOpen={isOpen} />
        <FamilyLabel family="workflow">{run.type ?? 'Workflow'}</FamilyLabel>
        <span className={styles.note}>
          {others} {others === 1 ? 'event' : 'events'}
        </span>
      </span>
      <Track axis={axis} bars={[bar]} marks={run.events.map(toMark)} />
      <span className={styles.length}>{formatDuration(run.duration ?? (state === 'running' ? until - began : null))}</span>
      <WorkBadge state={state} said={run.said} />
    </>
  )
}

interface ActivityLineProps extends LineContext {
  readonly activity: Activity
  readonly isOpen: boolean
}

function ActivityLine({ axis, until, run, activity, isOpen }: ActivityLineProps) {
  const { id, type, attempts, events, state } = activity
  const last = attempts.at(-1)
  const ended = last?.ended ?? null
  const began = attempts[0]?.began ?? null
  const bars = attempts.flatMap((attempt, index) => {
    const next = attempts[index + 1]
    return attemptBar(attempt, next?.began ?? run.ended ?? until) ?? []
  })
  return (
    <>
      <span className={styles.name}>
        <Toggle isOpen={isOpen} />
        <FamilyLabel family="application">{type ?? id}</FamilyLabel>
        {attempts.length > 1 && <span className={styles.retried}>{attempts.length} attempts</span>}
        {events.length > 0 && (
          <span className={styles.note}>
            {events.length} {events.length === 1 ? 'event' : 'events'}
          </span>
        )}
      </span>
      <Track axis={axis} bars={bars} marks={events.map(toMark)} />
      <span className={styles.length}>{formatDuration(began === null || ended === null ? null : ended - began)}</span>
      <WorkBadge state={state} said={last?.said ?? null} />
      {state === 'failed' && last?.error && !isOpen && <span className={styles.error}>{last.error}</span>}
    </>
  )
}

function AttemptLine({ axis, until, run, activity, number }: LineContext & { activity: Activity; number: number }) {
  const index = activity.attempts.findIndex((attempt) => attempt.number === number)
  const attempt = activity.attempts[index]
  if (!attempt) return null
  const bar = attemptBar(attempt, activity.attempts[index + 1]?.began ?? run.ended ?? until)
  const at = attempt.began ?? attempt.ended
  return (
    <>
      <span className={classes(styles.name, styles.nested)}>
        Attempt {number}
        {at !== null && <span className={styles.note}>{formatClock(at)}</span>}
        {attempt.seqs.length > 2 && <span className={styles.note}>{attempt.seqs.length} events</span>}
      </span>
      <Track axis={axis} bars={bar ? [bar] : []} />
      <span className={styles.length}>{formatDuration(attempt.duration)}</span>
      <WorkBadge state={attempt.state} said={attempt.said} />
      {attempt.error && <span className={classes(styles.error, styles.nestedError)}>{attempt.error}</span>}
    </>
  )
}

function EventLine({ axis, event }: LineContext & { readonly event: RunEvent }) {
  return (
    <>
      <span className={classes(styles.name, styles.nested)}>
        <span className={styles.eventName}>{event.name ?? event.type}</span>
        <span className={styles.note}>{formatClock(event.at)}</span>
      </span>
      <Track axis={axis} marks={[toMark(event)]} />
      <span className={styles.length}>{event.duration === null ? '' : formatDuration(event.duration)}</span>
      <span className={styles.note}>#{event.seq}</span>
    </>
  )
}

function Toggle({ isOpen }: { readonly isOpen: boolean }) {
  return (
    <span className={classes(styles.toggle, isOpen && styles.open)}>
      <Icon name="chevron" size={10} />
    </span>
  )
}

function toMark({ seq, at, name, type, outcome }: RunEvent): TrackMark {
  return { key: seq, at, name: name ?? type, isBad: outcome === 'failed' }
}
