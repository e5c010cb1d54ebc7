import { existsSync, readFileSync } from 'node:fs'
import { parseJson } from '../../src/model/json.ts'

const file = new URL('../../../shared/fixtures/graphite-react-run.json', import.meta.url)

/** One real, unfinished run of a Graphite assistant, in recording order; null on a machine that does not have it. */
export const recordedRun: readonly Record<string, unknown>[] | null = existsSync(file)
  ? (parseJson(readFileSync(file, 'utf8')) as Record<string, unknown>[])
  : null

export const WHY_SKIPPED = 'skipped unless the recorded run lies beside the repository'
