import type { ReactNode } from 'react'
import { classes } from '../classes.ts'
import styles from './stat.module.css'

export interface StatProps {
  readonly label: string
  readonly value: ReactNode
  /** A line below. */
  readonly note?: ReactNode
  readonly tone?: 'plain' | 'danger' | 'warning'
}

/** Numbers beside each other. */
export function Stats({ children }: { readonly children: ReactNode }) {
  return <dl className={styles.stats}>{children}</dl>
}

/** One number that matters, within `Stats`. */
export function Stat({ label, value, note, tone = 'plain' }: StatProps) {
  return (
    <div className={styles.stat}>
      <dt>{label}</dt>
      <dd className={classes(styles.value, styles[tone])}>{value}</dd>
      {note !== undefined && <dd className={styles.note}>{note}</dd>}
    </div>
  )
}
