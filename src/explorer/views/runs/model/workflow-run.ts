import type { WorkState } from './attempts.ts'
import {
  type Activity,
  type ActivityDraft,
  activityDraft,
  addToActivity,
  endState,
  saidOf,
  type Times,
  timesOf,
  toActivity,
} from './attempts.ts'
import { type LoggedItem, type RunEvent, runEventOf } from './run-event.ts'

/** What a workflow's run published, put together. */
export interface WorkflowRun extends Times {
  readonly type: string | null
  readonly workflowId: string | null
  readonly runId: string | null
  readonly application: string | null
  /** Without an end it is `running`, however long ago it was heard of. */
  readonly state: WorkState
  /** Its own word for how it ended, where that is none of the usual ones. */
  readonly said: string | null
  readonly error: string | null
  /** In the order of their beginnings. */
  readonly activities: readonly Activity[]
  /** Of all activities. */
  readonly attempts: number
  /** Attempts beyond an activity's first one. */
  readonly retries: number
  /** Of the workflow itself: its start and end, and what belongs to no activity. In the order of recording. */
  readonly events: readonly RunEvent[]
  /** All events. */
  readonly count: number
  /** When it was first and last heard of: Unix milliseconds; null without events. */
  readonly extent: readonly [number, number] | null
}

/** Puts a run together from its log's items, each looked at once however often there are more. */
export class WorkflowRunBuilder {
  readonly #activities = new Map<string, ActivityDraft>()
  readonly #events: RunEvent[] = []
  #fed = 0
  #start: RunEvent | null = null
  #end: RunEvent | null = null
  #known: Pick<WorkflowRun, 'type' | 'workflowId' | 'runId' | 'application'> = {
    type: null,
    workflowId: null,
    runId: null,
    application: null,
  }
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY

  /** `items` must begin with those that were fed before. */
  feed(items: readonly LoggedItem[]): this {
    for (const item of items.slice(this.#fed)) this.#add(runEventOf(item))
    this.#fed = items.length
    return this
  }

  result(): WorkflowRun {
    const isOver = this.#end !== null
    const activities = [...this.#activities.values()].map((draft) => toActivity(draft, isOver)).sort((a, b) => a.at - b.at)
    const attempts = activities.reduce((sum, activity) => sum + activity.attempts.length, 0)
    const begun = activities.filter((activity) => activity.attempts.length > 0).length
    const hasBegun = this.#start !== null || begun > 0
    return {
      ...this.#known,
      state: this.#end ? endState(this.#end) : hasBegun ? 'running' : 'unknown',
      said: saidOf(this.#end),
      error: this.#end?.error ?? null,
      ...timesOf(this.#start, this.#end),
      activities,
      attempts,
      retries: attempts - begun,
      events: this.#events.slice(),
      count: this.#fed,
      extent: this.#fed > 0 ? this.#extent(activities) : null,
    }
  }

  #add(event: RunEvent): void {
    const { workflowType: type, workflowId, runId, application } = event
    const known = this.#known
    this.#known = {
      type: known.type ?? type,
      workflowId: known.workflowId ?? workflowId,
      runId: known.runId ?? runId,
      application: known.application ?? application,
    }
    this.#first = Math.min(this.#first, event.at)
    this.#last = Math.max(this.#last, event.at)
    const isOfWorkflow = event.name === 'workflow_start' || event.name === 'workflow_end'
    // The start and the end of a workflow are published from an activity of their own, which is none of the workflow's work.
    const key = isOfWorkflow ? null : (event.activityId ?? event.activityType)
    if (key !== null) {
      const draft = this.#activities.get(key) ?? activityDraft(key)
      this.#activities.set(key, draft)
      addToActivity(draft, event)
      return
    }
    this.#events.push(event)
    if (event.name === 'workflow_start') this.#begin(event)
    if (event.name === 'workflow_end') this.#end = event
  }

  /** A log that is known by the workflow's id alone may hold a run after the other. */
  #begin(event: RunEvent): void {
    if (this.#end && event.at > this.#end.at) {
      this.#start = event
      this.#end = null
    } else this.#start ??= event
  }

  #extent(activities: readonly Activity[]): readonly [number, number] {
    const times = activities.flatMap((activity) => activity.attempts.flatMap(({ began, ended }) => [began, ended]))
    const { began, ended } = timesOf(this.#start, this.#end)
    let [first, last] = [this.#first, this.#last]
    for (const at of [...times, began, ended]) {
      if (at === null) continue
      first = Math.min(first, at)
      last = Math.max(last, at)
    }
    return [first, last]
  }
}

/** What the items of a run's log tell. They may be any: events without an end, repeated, or of other kinds. */
export function workflowRun(items: readonly LoggedItem[]): WorkflowRun {
  return new WorkflowRunBuilder().feed(items).result()
}
