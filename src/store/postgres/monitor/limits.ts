import { OVERVIEW_TIMEOUT_MS } from '../../../model/limits.ts'

/** Overviews cover whatever range a reader asks for; no more than this of the database's time is theirs. */
export const OVERVIEW_LIMITS = { cancelAfterMs: OVERVIEW_TIMEOUT_MS }
