import { EventPersistenceError } from '../model/errors.ts'
import { OVERVIEW_TIMEOUT_MS } from '../model/limits.ts'
import type { RangeResult } from '../model/overview-range.ts'
import { RequestFailure } from '../protocol/failure.ts'
import { NO_RANGE } from '../protocol/parameters.ts'

/** SQLSTATE of a statement that took too long. */
const QUERY_CANCELED = '57014'

/** The range, or the failure that says why there is none. */
export function checkedRange<Range>(result: RangeResult<Range>): Range {
  switch (result.outcome) {
    case 'range':
      return result.range
    case 'empty':
      throw new RequestFailure({ kind: 'invalid-request', errors: [{ path: 'since', message: NO_RANGE }] })
    case 'too-large': {
      const { limit, maximum } = result
      throw new RequestFailure({ kind: 'range-too-large', limit, maximum, detail: DETAILS[limit](maximum) })
    }
  }
}

/** Runs a read that the database gives up on when it takes too long: then another range is to be asked for, not the same again. */
export async function boundedRead<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (thrown) {
    if (!(thrown instanceof EventPersistenceError && thrown.code === QUERY_CANCELED)) throw thrown
    const maximum = OVERVIEW_TIMEOUT_MS / 1000
    const detail = `This took the database more than ${maximum} seconds. Ask for a shorter range, or for fewer items.`
    throw new RequestFailure({ kind: 'range-too-large', limit: 'query_seconds', maximum, detail }, thrown)
  }
}

const DETAILS = {
  range_days: (maximum: number) => `since is more than ${maximum} days before until. Ask for a shorter range.`,
  activity_points: (maximum: number) =>
    `The range has more than ${maximum} steps. Ask for a longer step, or for a shorter range.`,
}
