import type { Tone } from '../../../ui/badge/badge.tsx'
import type { Outcome } from '../spans/span.ts'

/** What became of a conversation, or of a request. */
export type State = 'finished' | 'failed' | 'unfinished' | 'running' | 'empty'

/** So long after its last event work is taken to be going on, in milliseconds: a language model's slow answers take as long. */
const RUNNING_MS = 120_000

/** `recorded` and `now` are Unix milliseconds: of the last event that is known, and the present. */
export function stateOf(outcome: Outcome | undefined, recorded: number, now: number): State {
  switch (outcome) {
    case undefined:
      return 'empty'
    case 'ended':
      return 'finished'
    case 'failed':
      return 'failed'
    case 'open':
      return now - recorded < RUNNING_MS ? 'running' : 'unfinished'
  }
}

export const STATE_TONES: Readonly<Record<State, Tone>> = {
  finished: 'success',
  failed: 'danger',
  unfinished: 'warning',
  running: 'accent',
  empty: 'neutral',
}

export const STATE_WORDS: Readonly<Record<State, string>> = {
  finished: 'Finished',
  failed: 'Failed',
  unfinished: 'Unfinished',
  running: 'Running now',
  empty: 'No runs',
}
