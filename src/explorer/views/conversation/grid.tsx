import type { ComponentPropsWithRef } from 'react'

/*
 * The parts of grids whose rows are drawn only while they are in sight. A table's own elements cannot be placed freely, so these are
 * plain ones with roles; the grid alone takes the focus and names its active row.
 */
type Props = ComponentPropsWithRef<'div'>

const ROLES = {
  treegrid: { role: 'treegrid', tabIndex: 0 },
  grid: { role: 'grid', tabIndex: 0 },
  rowgroup: { role: 'rowgroup' },
  row: { role: 'row' },
  gridcell: { role: 'gridcell' },
  columnheader: { role: 'columnheader' },
}

export function TreeGrid(props: Props) {
  return <div {...ROLES.treegrid} {...props} />
}

export function Grid(props: Props) {
  return <div {...ROLES.grid} {...props} />
}

export function RowGroup(props: Props) {
  return <div {...ROLES.rowgroup} {...props} />
}

export function GridRow(props: Props) {
  return <div {...ROLES.row} {...props} />
}

export function GridCell(props: Props) {
  return <div {...ROLES.gridcell} {...props} />
}

export function ColumnHeader(props: Props) {
  return <div {...ROLES.columnheader} {...props} />
}
