import type { StatementResult } from './exchange.ts'

/** The JSON of one statement's answer. Cells are strings already, so rows need one pass and no decision per cell. */
export function writeResult(result: StatementResult, arrayMode: boolean): string {
  const fields = result.fields.map(({ name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier }) => {
    return { name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier, format: 'text' }
  })
  const rows = arrayMode
    ? result.rows
    : result.rows.map((cells) => Object.fromEntries(cells.map((cell, at) => [fields[at]?.name, cell])))
  const { command, rowCount } = result
  return JSON.stringify({ fields, rows, command, rowCount, rowAsArray: arrayMode })
}
