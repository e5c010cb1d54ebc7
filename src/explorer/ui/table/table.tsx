import type { ReactNode } from 'react'
import { classes } from '../classes.ts'
import styles from './table.module.css'

export interface Column<Row> {
  readonly id: string
  readonly header: string
  readonly cell: (row: Row) => ReactNode
  /** `end` for numbers. */
  readonly align?: 'start' | 'end'
  /** Takes what the others leave, and is cut off with an ellipsis. */
  readonly grow?: boolean
  /** Left out on narrow screens. */
  readonly wideOnly?: boolean
}

export interface TableProps<Row> {
  /** What the rows are; read, not shown. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
}

/** Whoever has no mouse scrolls a wide table with the arrow keys. */
const SCROLLABLE = { tabIndex: 0 }

/** For up to some hundred rows; longer lists take TanStack Virtual. The first column names the row. */
export function Table<Row>({ caption, columns, rows, rowKey }: TableProps<Row>) {
  const nameOf = ({ align, grow, wideOnly }: Column<Row>) =>
    classes(align === 'end' && styles.end, grow && styles.grow, wideOnly && styles.wideOnly)
  return (
    <section className={styles.scroll} aria-label={caption} {...SCROLLABLE}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={nameOf(column)}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.id} className={nameOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
