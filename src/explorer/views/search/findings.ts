import { type Failure, failureOf } from '../../data/failure.ts'

export type Outcome = 'loading' | 'found' | 'nothing' | 'failed'

export interface Finding {
  readonly what: string
  readonly outcome: Outcome
  readonly failure: Failure | null
}

interface Query<Data> {
  readonly data: Data | undefined
  readonly error: unknown
}

/** What a query found; what was loaded before counts, even where asking again has failed. */
export function findingOf<Data>(what: string, { data, error }: Query<Data>, isFound: (data: Data) => boolean): Finding {
  if (data !== undefined) return { what, outcome: isFound(data) ? 'found' : 'nothing', failure: null }
  return error ? { what, outcome: 'failed', failure: failureOf(error) } : { what, outcome: 'loading', failure: null }
}

/** Whether all of them came to this. */
export function all(findings: readonly Finding[], outcome: Outcome): boolean {
  return findings.every((finding) => finding.outcome === outcome)
}
