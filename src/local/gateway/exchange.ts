import type pg from 'pg'

export interface StatementInput {
  text: string
  values: (string | null)[]
}

export interface StatementResult {
  fields: pg.FieldDef[]
  rows: (string | null)[][]
  command: string
  rowCount: number | null
}

export class AnswerTooLarge extends Error {}

/** Bytes of a DataRow message that are not cell text: its length and number of cells, then a length for each cell. */
const ROW_HEADER_BYTES = 6
const CELL_HEADER_BYTES = 4

/**
 * Statements sent as one pipeline of the extended protocol, closed by one Sync: PostgreSQL refuses several statements in one
 * text, skips what follows an error, and answers it all in one round trip. Rows stay as the protocol's own text.
 */
export class Exchange implements pg.Submittable {
  readonly #statements: StatementInput[]
  readonly #maxBytes: number
  readonly #done: (outcome: StatementResult[] | Error) => void
  readonly #results: StatementResult[] = []
  #fields: pg.FieldDef[] = []
  #rows: (string | null)[][] = []
  #bytes = 0
  #settled = false

  constructor(statements: StatementInput[], maxBytes: number, done: (outcome: StatementResult[] | Error) => void) {
    this.#statements = statements
    this.#maxBytes = maxBytes
    this.#done = done
  }

  submit(connection: pg.Connection): void {
    connection.stream.cork()
    for (const { text, values } of this.#statements) {
      connection.parse({ name: '', text, types: [] }, true)
      connection.bind({ values }, true)
      connection.describe({ type: 'P', name: '' }, true)
      connection.execute({}, true)
    }
    connection.sync()
    connection.stream.uncork()
  }

  handleRowDescription(message: { fields: pg.FieldDef[] }): void {
    this.#fields = message.fields
  }

  handleDataRow(message: { length: number; fields: (string | null)[] }): void {
    if (this.#settled) return
    this.#bytes += message.length - ROW_HEADER_BYTES - CELL_HEADER_BYTES * message.fields.length
    if (this.#bytes > this.#maxBytes) this.#settle(new AnswerTooLarge())
    else this.#rows.push(message.fields)
  }

  handleCommandComplete(message: { text: string }): void {
    this.#finishStatement(message.text)
  }

  handleEmptyQuery(): void {
    this.#finishStatement('')
  }

  handleReadyForQuery(): void {
    this.#settle(this.#results)
  }

  handleError(error: Error): void {
    this.#settle(error)
  }

  handlePortalSuspended(): void {
    this.#settle(new Error('unexpected message from server'))
  }

  handleCopyInResponse(): void {
    this.#settle(new Error('unexpected message from server'))
  }

  handleCopyData(): void {
    this.#settle(new Error('unexpected message from server'))
  }

  #finishStatement(tag: string): void {
    this.#results.push({ fields: this.#fields, rows: this.#rows, ...readCommandTag(tag) })
    this.#fields = []
    this.#rows = []
  }

  #settle(outcome: StatementResult[] | Error): void {
    if (this.#settled) return
    this.#settled = true
    this.#done(outcome)
  }
}

/** `INSERT 0 5` and `SELECT 5` carry a count, `CREATE TABLE` does not; the name is the first word, as Neon reads it. */
function readCommandTag(tag: string): { command: string; rowCount: number | null } {
  const [command = '', ...rest] = tag.split(' ')
  const count = command === 'INSERT' ? rest[1] : rest[0]
  return { command, rowCount: count !== undefined && /^\d+$/.test(count) ? Number(count) : null }
}
