import { NeonDbError } from '@neondatabase/serverless'
import { EventPersistenceError } from '../../model/errors.ts'

/** The rows are fine, but their answer is over the 10 MiB that Neon sends: ask for fewer. */
export class AnswerTooLargeError extends EventPersistenceError {}

/** Classes of SQLSTATE that a repeat may cure: connection, transaction rollback, resources, operator's intervention, system. */
const TRANSIENT_CLASSES = new Set(['08', '40', '53', '57', '58'])

/** `lock_not_available`; and a standby that was asked to write, which a failover cures. */
const TRANSIENT_CODES = new Set(['55P03', '25006'])

/** What is wrong with the data: bad values, broken constraints, program limits, and errors that our functions raise. */
const REFUSAL_CLASSES = new Set(['22', '23', '54'])
const RAISE_EXCEPTION = 'P0001'

/** The driver reports a status other than 400 only within its message. */
const STATUS = /^Server error \(HTTP status (\d{3})\)/

/** Neon answers wrong credentials with 400 and no code, as it does a connection that was lost on the way. */
const WRONG_CREDENTIALS = /^password authentication failed/

/**
 * Turns whatever a call of the driver threw into the store's error. The message is made of codes and names of the schema only: the
 * driver's may quote the connection string, and PostgreSQL's the data. For the same reason only network failures keep their cause.
 */
export function toPersistenceError(operation: string, thrown: unknown): EventPersistenceError {
  if (thrown instanceof EventPersistenceError) return thrown
  // What is neither the driver's nor an abort comes from reading the answer, and may quote it.
  if (!(thrown instanceof NeonDbError)) return unreachable(operation, thrown instanceof DOMException ? thrown : undefined)
  if (thrown.code) return refusal(operation, thrown.code, thrown.constraint ?? thrown.column ?? undefined)
  const status = STATUS.exec(thrown.message)?.[1]
  if (status !== undefined) return statusError(operation, Number(status))
  if (WRONG_CREDENTIALS.test(thrown.message)) {
    return new EventPersistenceError(`Postgres refused the credentials of ${operation}: check DATABASE_URL.`, {
      operation,
      transient: false,
    })
  }
  return unreachable(operation, thrown.sourceError)
}

function refusal(operation: string, code: string, name: string | undefined): EventPersistenceError {
  const group = code.slice(0, 2)
  const at = name ? ` at ${name}` : ''
  return new EventPersistenceError(`Postgres failed ${operation} with SQLSTATE ${code}${at}${hint(code)}.`, {
    operation,
    code,
    transient: TRANSIENT_CLASSES.has(group) || TRANSIENT_CODES.has(code),
    refusesData: REFUSAL_CLASSES.has(group) || code === RAISE_EXCEPTION,
  })
}

function hint(code: string): string {
  switch (code) {
    case '42P01':
    case '42703':
    case '42883':
      return ': apply the migrations'
    case '42501':
      return ': grant the role of DATABASE_URL its rights'
    case '3D000':
      return ': check the database name in DATABASE_URL'
    default:
      return ''
  }
}

function statusError(operation: string, status: number): EventPersistenceError {
  if (status === 507) {
    return new AnswerTooLargeError(`The answer to ${operation} is over 10 MiB: ask for fewer events.`, {
      operation,
      transient: false,
    })
  }
  if (status === 413) {
    return new EventPersistenceError(`The request of ${operation} is over 10 MiB: send fewer events at once.`, {
      operation,
      transient: false,
      refusesData: true,
    })
  }
  return new EventPersistenceError(`The SQL endpoint answered ${operation} with HTTP status ${status}.`, {
    operation,
    transient: status >= 500 || status === 429 || status === 408,
  })
}

function unreachable(operation: string, cause: unknown): EventPersistenceError {
  return new EventPersistenceError(`Postgres could not be reached for ${operation}.`, { operation, transient: true, cause })
}

const INT8_MAX = 2n ** 63n - 1n

/**
 * A position or seq from a caller, fit for a `bigint` parameter. Throws a lasting `EventPersistenceError` for any other text, as
 * PostgreSQL would.
 */
export function checkedPosition(operation: string, position: string): string {
  if (/^-?\d{1,19}$/.test(position) && BigInt(position) <= INT8_MAX && BigInt(position) >= -INT8_MAX) return position
  throw new EventPersistenceError(`The position given to ${operation} is no 64-bit integer.`, {
    operation,
    transient: false,
    refusesData: true,
  })
}
