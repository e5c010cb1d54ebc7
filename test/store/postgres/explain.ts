import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Connection } from '../../../src/store/postgres/connection.ts'
import type { HistoryUnderTest } from './support.ts'

interface Plan {
  readonly 'Index Name'?: string
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Plans?: readonly Plan[]
}

/** What PostgreSQL did for the one statement of an operation, in functions too. */
export interface Work {
  /** By the names that they have at the whole table. */
  readonly indexes: readonly string[]
  /** Tables that were read from end to end. */
  readonly scanned: readonly string[]
  readonly tables: readonly string[]
}
export type Explain = (operation: (connection: Connection) => Promise<unknown>) => Promise<Work>

/** A connection of its own, whose plans PostgreSQL tells of as notices while it runs them. */
export async function explaining(db: HistoryUnderTest): Promise<Explain> {
  const client = await db.openClient()
  await client.query(`
    LOAD 'auto_explain';
    SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on; SET auto_explain.log_format = json;
    SET auto_explain.log_level = notice`)
  const plansOf = async (sql: string, params: unknown[]) => {
    const plans: Plan[] = []
    const listen = ({ message = '' }: { message?: string | undefined }) => {
      const json = /plan:\n(.*)$/s.exec(message)?.[1]
      if (json) plans.push(JSON.parse(json).Plan as Plan)
    }
    client.on('notice', listen)
    await client.query(sql, params)
    client.off('notice', listen)
    if (plans.length === 0) throw new Error('PostgreSQL told of no plan')
    return plans
  }
  return async (operation) => {
    const { sql, params } = await statementOf(operation)
    const nodes = (await plansOf(sql, params)).flatMap(flatten)
    const names = nodes.flatMap((node) => node['Index Name'] ?? [])
    const parents = await db.sql.query<{ name: string }>(
      `SELECT DISTINCT coalesce(i.inhparent, c.oid)::regclass::text AS name
       FROM pg_class AS c LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid WHERE c.relname = ANY ($1) ORDER BY name`,
      [names],
    )
    return {
      indexes: parents.rows.map((row) => row.name),
      scanned: nodes.flatMap((node) => (node['Node Type'] === 'Seq Scan' ? (node['Relation Name'] ?? []) : [])),
      tables: [...new Set(nodes.flatMap((node) => node['Relation Name'] ?? []))].toSorted(),
    }
  }
}

async function statementOf(operation: (connection: Connection) => Promise<unknown>) {
  let statement: SQL | undefined
  await operation({
    async rows(_, captured) {
      statement = captured
      return []
    },
  })
  if (statement === undefined) throw new Error('the operation ran no statement')
  return new PgDialect().sqlToQuery(statement)
}

function flatten(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flatten)]
}
