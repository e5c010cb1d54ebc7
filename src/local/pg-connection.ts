import { PgDialect } from 'drizzle-orm/pg-core'
import type pg from 'pg'
import type { Connection, Row } from '../store/postgres/connection.ts'

const dialect = new PgDialect()

/** The store's statements over PostgreSQL's own protocol, for commands that run where any server can be reached. */
export function connectionOn(client: pg.Client): Connection {
  return {
    async rows<Column extends string>(_operation: string, statement: Parameters<Connection['rows']>[1]) {
      const { sql, params } = dialect.sqlToQuery(statement)
      const types = { getTypeParser: () => (value: string) => value }
      return (await client.query<Row<Column>>({ text: sql, values: params, types })).rows
    },
  }
}
