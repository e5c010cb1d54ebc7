import { stripVTControlCharacters } from 'node:util'

export interface Progress {
  at(done: number): void
  /** A line for those who do not see the bar. */
  note(text: string): void
  end(): void
}

export interface Output {
  line(text: string): void
  progress(what: string, total: number): Progress
  /** The first column is set to the left, the others to the right. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void
}

interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const BAR_CHARACTERS = 30

/** Writes for people: with a moving bar where the stream is a terminal, else in plain lines. */
export function openOutput(stream: Stream): Output {
  const moving = stream.isTTY === true
  const line = (text: string) => void stream.write(`${text}\n`)
  return {
    line,
    progress(what, total) {
      return {
        at: (done) => void (moving && stream.write(`\r${bar(what, done, total).slice(0, (stream.columns || 80) - 1)}`)),
        note: (text) => void (!moving && line(text)),
        end: () => void (moving && stream.write('\r\u001b[K')),
      }
    },
    table(head, rows) {
      const widths = head.map((title, column) => Math.max(...[head, ...rows].map((row) => width(row[column] ?? title))))
      const render = (row: readonly string[]) =>
        row.map((cell, column) => pad(cell, widths[column] ?? 0, column === 0 || column === TEXT_COLUMN)).join('  ')
      line(render(head).trimEnd())
      line(widths.map((one) => '-'.repeat(one)).join('  '))
      for (const row of rows) line(render(row).trimEnd())
    },
  }
}

/** Words, where the columns around it hold numbers. */
const TEXT_COLUMN = 2

function bar(what: string, done: number, total: number): string {
  const filled = Math.round((BAR_CHARACTERS * done) / Math.max(total, 1))
  return `${what} [${'#'.repeat(filled)}${'.'.repeat(BAR_CHARACTERS - filled)}] ${done}/${total}`
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length
}

function pad(cell: string, to: number, left: boolean): string {
  return left ? cell.padEnd(to) : cell.padStart(to)
}
