import type { Ledger, Row } from './comparison/row.ts'
import type { OperationCosts } from './counts.ts'
import type { Figure } from './figures.ts'

/** What one measure found. */
export interface Outcome {
  readonly figures?: readonly Figure[]
  readonly rows?: readonly Row[]
  readonly ledgers?: readonly Ledger[]
  readonly costs?: readonly OperationCosts[]
}
