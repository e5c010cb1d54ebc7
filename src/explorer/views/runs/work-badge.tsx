import { Badge, type Tone } from '../../ui/badge/badge.tsx'
import { type ShownState, WORK_WORDS } from './model/run-state.ts'

const WORK_TONES: Readonly<Record<ShownState, Tone>> = {
  running: 'accent',
  completed: 'success',
  failed: 'danger',
  ended: 'neutral',
  lost: 'warning',
  unfinished: 'warning',
  unknown: 'neutral',
}

export interface WorkBadgeProps {
  readonly state: ShownState
  /** Its own word for how it ended. */
  readonly said?: string | null
}

export function WorkBadge({ state, said = null }: WorkBadgeProps) {
  return <Badge tone={WORK_TONES[state]}>{said === null ? WORK_WORDS[state] : said.slice(0, 24)}</Badge>
}
