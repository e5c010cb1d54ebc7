import { type CustomTypesConfig, neon, neonConfig } from '@neondatabase/serverless'
import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { isDatabaseUrl, isNeverNeon } from '../../model/database-url.ts'
import { delayBeforeRepeat, type RetryPolicy, retryPolicy } from '../../model/retry.ts'
import { REAL_TIMING, type Timing } from '../../model/timers.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { toPersistenceError } from './errors.ts'

/** Every column's value as PostgreSQL's text for it. */
export type Row<Column extends string> = Readonly<Record<Column, string>>

export interface Connection {
  /**
   * Runs one statement in a transaction of its own and gives its rows. Tried again after transient failures, so it has to be safe to
   * repeat. Throws `EventPersistenceError` naming the operation, and the reason of a signal that aborts.
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
  readonly signal?: AbortSignal | undefined
}

/** The connection whose statements end with the signal as well, which is their caller's. */
export function endedBy(connection: Connection, signal: AbortSignal | undefined): Connection {
  return { rows: (operation, statement, limits) => connection.rows(operation, statement, { ...limits, signal }) }
}

/** A cold Neon compute node answers within a few seconds; who waits longer than this has given up. */
const DEFAULT_TIMEOUT_MS = 15_000

/** Bridges a lost connection, a deadlock or a compute node that wakes up. Longer outages are the queue's to wait for. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 3, firstDelayMs: 50, longestDelayMs: 1_000, budgetMs: 10_000 }

const AS_TEXT: CustomTypesConfig = { getTypeParser: () => (value: string) => value }

const dialect = new PgDialect()

/**
 * Opens nothing: every statement is one HTTP request. Throws `TypeError` when the URL cannot be one of a database, for a host that is
 * never Neon's without a `fetchEndpoint`, and for a number out of range.
 */
export function connect(options: ConnectionOptions, { now, random, wait }: Timing = REAL_TIMING): Connection {
  const retry = retryPolicy(options.retry, DEFAULT_RETRY)
  if (!isDatabaseUrl(options.databaseUrl)) {
    throw new TypeError('databaseUrl has the wrong form: use postgresql://user:password@host/database')
  }
  if (options.fetchEndpoint !== undefined) honourEndpoints()
  else if (isNeverNeon(options.databaseUrl)) {
    throw new TypeError(
      "databaseUrl names a host that is not Neon's: set fetchEndpoint to where Neon's SQL over HTTP is served for it",
    )
  }
  let database: ReturnType<typeof neon> | undefined
  const query = async (text: string, params: unknown[], signal: AbortSignal, cancelAfterMs: number | undefined) => {
    database ??= neon(options.databaseUrl, { disableWarningInBrowsers: true })
    const fetchOptions = { signal, [ENDPOINT]: options.fetchEndpoint }
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
      const { cancelAfterMs, signal } = limits
      signal?.throwIfAborted()
      const policy = { ...retry, attempts: limits.attempts ?? (cancelAfterMs === undefined ? retry.attempts : 1) }
      const { sql, params } = dialect.sqlToQuery(statement)
      const began = now()
      for (let attempt = 1; ; attempt += 1) {
        try {
          const late = AbortSignal.timeout(timeoutMs)
          const end = signal ? AbortSignal.any([signal, late]) : late
          return (await query(sql, params, end, cancelAfterMs)) as Row<Column>[]
        } catch (thrown) {
          signal?.throwIfAborted()
          const error = toPersistenceError(operation, thrown)
          const delay = error.transient ? delayBeforeRepeat(policy, attempt, now() - began, undefined, random()) : null
          if (delay === null) throw error
          await wait(delay, signal)
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
