/** First wait before a notice is repeated; an undisturbed delivery takes about a second. */
const FIRST_REPEAT_MS = 10_000

/** Longest wait between notices: what an outage of hours costs, and how late after it the last conversation drains. */
const LONGEST_REPEAT_MS = 60_000

export interface AlarmInput {
  readonly head_seq: number
  readonly persisted_seq: number
  readonly trimmed_through: number
  /** Notices sent, or asked for, since the conversation was last all persisted. */
  readonly notices: number
  /** Unix time in ms of the last recording. */
  readonly last_at: number
  readonly now: number
  /** How long an idle conversation stays in its object, in ms. */
  readonly hot_retention_ms: number
}

/** When the object must look again, Unix ms: to repeat its notice, or to trim. Null: never, until something comes. */
export function nextAlarm(input: AlarmInput): number | null {
  if (input.persisted_seq < input.head_seq) {
    const wait = Math.min(FIRST_REPEAT_MS * 2 ** Math.max(input.notices - 1, 0), LONGEST_REPEAT_MS)
    return input.now + wait
  }
  if (input.trimmed_through < input.head_seq) return Math.max(input.last_at + input.hot_retention_ms, input.now)
  return null
}

/** Whether an alarm set for `at` (Unix ms; null for none) rings no later than one that would be set now to repeat a notice. */
export function ringsInTime(at: number | null, now: number): boolean {
  return at !== null && at > now && at <= now + FIRST_REPEAT_MS
}

/** Whether the alarm that rings now is to drop what the object holds. */
export function isTrimDue(input: AlarmInput): boolean {
  return (
    input.persisted_seq === input.head_seq &&
    input.trimmed_through < input.head_seq &&
    input.now >= input.last_at + input.hot_retention_ms
  )
}
