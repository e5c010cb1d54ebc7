import { type CustomTypesConfig, neon, neonConfig } from '@neondatabase/serverless'
import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { isDatabaseUrl } from '../../model/database-url.ts'
import { toPersistenceError } from './errors.ts'
import { DEFAULT_RETRY, nextDelay, type RetryPolicy } from './retry.ts'

export interface ConnectionOptions {
  readonly databaseUrl: string
  /** Where SQL over HTTP is served; default: what Neon's driver derives from the host. Holds for this connection only. */
  readonly fetchEndpoint?: string | undefined
  /** One attempt, in ms. Long operations have times of their own. Default 15 seconds. */
  readonly timeoutMs?: number | undefined
  readonly retry?: RetryPolicy | undefined
  /** In [0, 1). */
  readonly random?: () => number
  readonly sleep?: (ms: number) => Promise<void>
  /** Unix ms. */
  readonly now?: () => number
}

/** Every column's value as PostgreSQL's text for it. */
export type Row<Column extends string> = Readonly<Record<Column, string>>

export interface Connection {
  /**
   * Runs one statement in a transaction of its own and gives its rows. Tried again after transient failures, so it has to be safe to
   * repeat. Throws `EventPersistenceError` naming the operation.
   */
  rows<Column extends string>(operation: string, statement: SQL, limits?: StatementLimits): Promise<Row<Column>[]>
}

/** Where a statement differs from its connection. */
export interface StatementLimits {
  /** One attempt, in ms. */
  readonly timeoutMs?: number
  /** The first one included. */
  readonly attempts?: number
  /** PostgreSQL itself gives up after this, in ms, with SQLSTATE 57014. For reads, which are then not repeated. */
  readonly cancelAfterMs?: number
}

/** A cold Neon compute node answers within a few seconds; who waits longer than this has given up. */
const DEFAULT_TIMEOUT_MS = 15_000

const AS_TEXT: CustomTypesConfig = { getTypeParser: () => (value: string) => value }

const dialect = new PgDialect()

/** Opens nothing: every statement is one HTTP request. Throws `TypeError` when the URL cannot be one of a database. */
export function connect(options: ConnectionOptions): Connection {
  const { retry = DEFAULT_RETRY, random = Math.random, sleep = wait, now = Date.now } = options
  if (!isDatabaseUrl(options.databaseUrl)) {
    throw new TypeError('databaseUrl has the wrong form: use postgresql://user:password@host/database')
  }
  if (options.fetchEndpoint !== undefined) honourEndpoints()
  let database: ReturnType<typeof neon> | undefined
  const query = async (text: string, params: unknown[], timeoutMs: number, cancelAfterMs: number | undefined) => {
    database ??= neon(options.databaseUrl, { disableWarningInBrowsers: true })
    const fetchOptions = { signal: AbortSignal.timeout(timeoutMs), [ENDPOINT]: options.fetchEndpoint }
    if (cancelAfterMs === undefined) return database.query(text, params, { types: AS_TEXT, fetchOptions })
    // A statement cannot bound itself: its time begins before it is read.
    const bounded = [
      database.query(`SET LOCAL statement_timeout = ${cancelAfterMs}`),
      database.query(text, params, { types: AS_TEXT }),
    ]
    return (await database.transaction(bounded, { fetchOptions, readOnly: true })).at(-1)
  }

  return {
    async rows<Column extends string>(operation: string, statement: SQL, limits: StatementLimits = {}) {
      const timeoutMs = limits.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS
      const { cancelAfterMs } = limits
      const policy = { ...retry, attempts: limits.attempts ?? (cancelAfterMs === undefined ? retry.attempts : 1) }
      const { sql, params } = dialect.sqlToQuery(statement)
      const began = now()
      for (let attempt = 1; ; attempt += 1) {
        try {
          return (await query(sql, params, timeoutMs, cancelAfterMs)) as Row<Column>[]
        } catch (thrown) {
          const error = toPersistenceError(operation, thrown)
          const delay = nextDelay({ attempt, transient: error.transient, elapsedMs: now() - began }, random(), policy)
          if (delay === null) throw error
          await sleep(delay)
        }
      }
    },
  }
}

const ENDPOINT = 'eventStoreEndpoint'
let endpointsHonoured = false

/** The driver's own setting is one for the whole process; this takes the endpoint from the request's options instead. */
function honourEndpoints(): void {
  if (endpointsHonoured) return
  endpointsHonoured = true
  const before: typeof fetch | undefined = neonConfig.fetchFunction
  neonConfig.fetchFunction = (url: string, { [ENDPOINT]: endpoint, ...init }: RequestInit & { [ENDPOINT]?: string }) =>
    (before ?? fetch)(endpoint ?? url, init)
}

function wait(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
