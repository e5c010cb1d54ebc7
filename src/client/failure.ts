import { EventPersistenceError, type PersistenceFailure } from '../model/errors.ts'

/** That an operation failed, and why: for good, where `more` says nothing else. */
export function failure(
  operation: string,
  why: string,
  more: Partial<Omit<PersistenceFailure, 'operation'>> = {},
): EventPersistenceError {
  return new EventPersistenceError(`${operation} failed: ${why}`, { operation, transient: false, ...more })
}
