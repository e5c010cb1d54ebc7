/** Rows of cells as a table in Markdown, its columns aligned for those who read it as text. */
export function renderTableOf(head: readonly string[], body: readonly (readonly string[])[]): string {
  const all = [head, ...body]
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[], fill: string) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |`
  return [line(head, ' '), line([], '-'), ...body.map((cells) => line(cells, ' '))].join('\n')
}

/** Three significant digits say all that a benchmark knows. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return ''
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}

export function answer(met: boolean | null): string {
  return met === null ? '' : met ? 'yes' : 'NO'
}
