import type { AssistantsActivity } from '../../../client/monitor/index.ts'
import { FamilyLabel } from '../../ui/badge/badge.tsx'
import { classes } from '../../ui/classes.ts'
import { formatCount, formatDuration, formatShare } from '../../ui/format.ts'
import { Table } from '../../ui/table/table.tsx'
import styles from './overview.module.css'

interface BarProps {
  readonly text: string
  /** From 0 to 1; null draws none. */
  readonly share: number | null
  readonly tone?: 'accent' | 'soft' | 'success'
}

/** A number above a bar that shows how it compares with the others in its column. */
function Bar({ text, share, tone = 'accent' }: BarProps) {
  return (
    <span className={styles.bar}>
      {text}
      <span className={classes(styles.track, tone === 'success' && share !== null && styles.rest)}>
        {share !== null && share > 0 && (
          <span className={classes(styles.fill, styles[tone])} style={{ width: `${share * 100}%` }} />
        )}
      </span>
    </span>
  )
}

export function AssistantsTable({ assistants, truncated }: Pick<AssistantsActivity, 'assistants' | 'truncated'>) {
  const slowest = Math.max(...assistants.map(({ duration_ms }) => duration_ms.p95 ?? 0))
  const shareOf = (ms: number | null) => (ms === null || slowest === 0 ? null : ms / slowest)
  return (
    <>
      <Table
        caption="Assistants"
        rows={assistants}
        rowKey={({ name }) => JSON.stringify(name)}
        columns={[
          {
            id: 'name',
            header: 'Assistant',
            grow: true,
            cell: ({ name, type }) => (
              <span className={styles.name}>
                <FamilyLabel family="assistant">{name || 'Without a name'}</FamilyLabel>
                {type !== null && type !== name && <span className={styles.quiet}>{type}</span>}
              </span>
            ),
          },
          { id: 'requests', header: 'Requests', align: 'end', cell: ({ requests }) => formatCount(requests) },
          {
            id: 'failures',
            header: 'Failures',
            align: 'end',
            cell: ({ failures }) => <span className={classes(failures > 0 && styles.bad)}>{formatCount(failures)}</span>,
          },
          {
            id: 'success',
            header: 'Success',
            align: 'end',
            cell: ({ success_rate: rate }) => <Bar text={formatShare(rate)} share={rate} tone="success" />,
          },
          {
            id: 'p50',
            header: 'p50',
            align: 'end',
            cell: ({ duration_ms: { p50 } }) => <Bar text={formatDuration(p50)} share={shareOf(p50)} />,
          },
          {
            id: 'p95',
            header: 'p95',
            align: 'end',
            cell: ({ duration_ms: { p95 } }) => <Bar text={formatDuration(p95)} share={shareOf(p95)} tone="soft" />,
          },
          {
            id: 'max',
            header: 'Longest',
            align: 'end',
            wideOnly: true,
            cell: ({ duration_ms: { max } }) => formatDuration(max),
          },
        ]}
      />
      {truncated && <p className={styles.quiet}>There was more than one answer takes: the newest runs were counted.</p>}
    </>
  )
}
