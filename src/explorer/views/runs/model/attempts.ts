import type { RunEvent } from './run-event.ts'

/**
 * `ended`: it did not say how. `lost`: there is no end, and there will be none. `unknown`: nothing tells of a beginning or an
 * end.
 */
export type WorkState = 'running' | 'completed' | 'failed' | 'ended' | 'lost' | 'unknown'

/** When something began and ended: Unix milliseconds, and milliseconds. */
export interface Times {
  readonly began: number | null
  readonly ended: number | null
  /** As its end tells, else between the two. */
  readonly duration: number | null
}

export interface Attempt extends Times {
  /** From 1; 1 too where the sender does not count. */
  readonly number: number
  readonly state: WorkState
  /** Its own word for how it ended, where that is none of the usual ones. */
  readonly said: string | null
  readonly error: string | null
  /** Seqs of the events of its beginning and end: repeats too, in the order of recording. */
  readonly seqs: readonly number[]
}

export interface Activity {
  readonly id: string
  readonly type: string | null
  /** That of its last attempt. */
  readonly state: WorkState
  /** By number. */
  readonly attempts: readonly Attempt[]
  /** What else was published from it, in the order of recording. */
  readonly events: readonly RunEvent[]
  /** When its first attempt began, else the first that is known of it: Unix milliseconds. */
  readonly at: number
}

interface AttemptDraft {
  start: RunEvent | null
  end: RunEvent | null
  readonly seqs: number[]
}

/** An activity as it is put together, event by event. */
export interface ActivityDraft {
  readonly id: string
  type: string | null
  readonly attempts: Map<number, AttemptDraft>
  readonly events: RunEvent[]
}

export function activityDraft(id: string): ActivityDraft {
  return { id, type: null, attempts: new Map(), events: [] }
}

/** The first start holds, and the last end: retried publishes repeat both. */
export function addToActivity(draft: ActivityDraft, event: RunEvent): void {
  draft.type ??= event.activityType
  const isStart = event.name === 'activity_start'
  if (!isStart && event.name !== 'activity_end') {
    draft.events.push(event)
    return
  }
  const number = event.attempt ?? 1
  const attempt = draft.attempts.get(number) ?? { start: null, end: null, seqs: [] }
  draft.attempts.set(number, attempt)
  attempt.seqs.push(event.seq)
  if (isStart) attempt.start ??= event
  else attempt.end = event
}

/** `isOver`: its run has ended. */
export function toActivity(draft: ActivityDraft, isOver: boolean): Activity {
  const numbers = [...draft.attempts.keys()].sort((a, b) => a - b)
  const last = numbers.at(-1)
  const attempts = numbers.flatMap((number): Attempt[] => {
    const attempt = draft.attempts.get(number)
    if (!attempt) return []
    const { start, end, seqs } = attempt
    const wasRepeated = number !== last
    const state = end ? endState(end, wasRepeated) : wasRepeated || isOver ? 'lost' : 'running'
    return [{ number, state, said: saidOf(end), error: end?.error ?? null, seqs, ...timesOf(start, end) }]
  })
  const times = [...attempts.map(({ began, ended }) => began ?? ended), ...draft.events.map(({ at }) => at)]
  return {
    id: draft.id,
    type: draft.type,
    state: attempts.at(-1)?.state ?? 'unknown',
    attempts,
    events: draft.events,
    at: times.reduce<number>((first, at) => Math.min(first, at ?? first), Number.POSITIVE_INFINITY),
  }
}

/** What was tried again had failed, whether it said so or not. */
export function endState({ outcome }: RunEvent, wasRepeated = false): WorkState {
  if (outcome === 'failed' || (outcome === null && wasRepeated)) return 'failed'
  return outcome === 'completed' ? 'completed' : 'ended'
}

export function saidOf(end: RunEvent | null): string | null {
  const outcome = end?.outcome ?? null
  return outcome === 'completed' || outcome === 'failed' ? null : outcome
}

/** A duration that the sender measured is better than a difference of times to the second. */
export function timesOf(start: RunEvent | null, end: RunEvent | null): Times {
  const measured = end?.duration ?? null
  if (!start && !end) return { began: null, ended: null, duration: null }
  if (!start) return { began: end && measured !== null ? end.at - measured : null, ended: end?.at ?? null, duration: measured }
  if (!end) return { began: start.at, ended: null, duration: null }
  const duration = measured ?? Math.max(0, end.at - start.at)
  return { began: start.at, ended: start.at + duration, duration }
}
