import { existsSync, readFileSync } from 'node:fs'
import { parseJson } from '../../src/model/json.ts'

const file = new URL('../../../shared/fixtures/graphite-react-run.json', import.meta.url)

/** One real, unfinished run of a Graphite assistant, in recording order; null on a machine that does not have it. */
export const recordedRunText: string | null = existsSync(file) ? readFileSync(file, 'utf8') : null

/** The same, parsed. */
export const recordedRun: readonly Record<string, unknown>[] | null =
  recordedRunText === null ? null : (parseJson(recordedRunText) as Record<string, unknown>[])

export const WHY_SKIPPED = 'skipped unless the recorded run lies beside the repository'
