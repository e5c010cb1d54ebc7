import type { KeyboardEvent } from 'react'
import type { Row } from '../spans/rows.ts'

export interface GridKeysOptions {
  readonly rows: readonly Row[]
  /** The index of the active row. */
  readonly active: number
  readonly collapsed: ReadonlySet<number>
  /** Rows that are seen at once. */
  readonly page: number
  readonly onActive: (index: number) => void
  readonly onToggle: (id: number) => void
  readonly onOpen: (row: Row) => void
}

/** The keys of the ARIA treegrid pattern, for a grid whose rows alone have the focus. */
export function gridKeys({ rows, active, collapsed, page, onActive, onToggle, onOpen }: GridKeysOptions) {
  return (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const row = rows[active]
    const isOpen = row?.hasChildren && !collapsed.has(row.id)
    const go = (index: number) => onActive(Math.max(0, Math.min(rows.length - 1, index)))
    switch (event.key) {
      case 'ArrowDown':
        go(active + 1)
        break
      case 'ArrowUp':
        go(active - 1)
        break
      case 'PageDown':
        go(active + page)
        break
      case 'PageUp':
        go(active - page)
        break
      case 'Home':
        go(0)
        break
      case 'End':
        go(rows.length - 1)
        break
      case 'ArrowRight':
        if (row?.hasChildren && !isOpen) onToggle(row.id)
        else if (isOpen) go(active + 1)
        break
      case 'ArrowLeft':
        if (row && isOpen) onToggle(row.id)
        else if (row?.span?.parent) go(rows.findIndex((one) => one.id === row.span?.parent?.id))
        break
      case 'Enter':
      case ' ':
        if (row) onOpen(row)
        break
      default:
        return
    }
    event.preventDefault()
  }
}
