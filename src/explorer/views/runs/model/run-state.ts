import type { WorkState } from './attempts.ts'
import type { WorkflowRun } from './workflow-run.ts'

/** So long after its last event a run without an end is taken to have broken off, in milliseconds: activities take hours at most. */
const QUIET_MS = 3_600_000

export type ShownState = WorkState | 'unfinished'

/** What became of a run, as far as can be told now (Unix milliseconds). */
export function shownState({ state, extent }: Pick<WorkflowRun, 'state' | 'extent'>, now: number): ShownState {
  return state === 'running' && extent && now - extent[1] > QUIET_MS ? 'unfinished' : state
}

export const WORK_WORDS: Readonly<Record<ShownState, string>> = {
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
  ended: 'Ended',
  lost: 'No end',
  unfinished: 'Unfinished',
  unknown: 'No start',
}
