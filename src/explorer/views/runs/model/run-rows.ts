import type { Activity, Attempt } from './attempts.ts'
import type { RunEvent } from './run-event.ts'
import type { WorkflowRun } from './workflow-run.ts'

/** A line of a run's timeline. */
export type RunRow =
  | { readonly kind: 'workflow'; readonly key: string; readonly isOpen: boolean }
  | { readonly kind: 'activity'; readonly key: string; readonly activity: Activity; readonly isOpen: boolean }
  | { readonly kind: 'attempt'; readonly key: string; readonly activity: Activity; readonly attempt: Attempt }
  | { readonly kind: 'event'; readonly key: string; readonly event: RunEvent }

export const WORKFLOW_KEY = 'workflow'

/** The workflow, then its activities; of what is open also its attempts and events. */
export function runRows({ activities, events }: WorkflowRun, open: ReadonlySet<string>): RunRow[] {
  const isOpen = open.has(WORKFLOW_KEY)
  const rows: RunRow[] = [{ kind: 'workflow', key: WORKFLOW_KEY, isOpen }]
  if (isOpen) rows.push(...events.map(eventRow))
  for (const activity of activities) {
    const key = activityKey(activity)
    rows.push({ kind: 'activity', key, activity, isOpen: open.has(key) })
    if (!open.has(key)) continue
    for (const attempt of activity.attempts) rows.push({ kind: 'attempt', key: `${key}#${attempt.number}`, activity, attempt })
    rows.push(...activity.events.map(eventRow))
  }
  return rows
}

function activityKey({ id }: Activity): string {
  return `activity ${id}`
}

function eventRow(event: RunEvent): RunRow {
  return { kind: 'event', key: `event ${event.seq}`, event }
}
