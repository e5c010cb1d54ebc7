import { EventPersistenceError, type PersistenceFailure } from '../model/errors.ts'

/** That an operation failed, and why: for good, where `more` says nothing else. */
export function failure(
  operation: string,
  why: string,
  more: Partial<Omit<PersistenceFailure, 'operation'>> = {},
): EventPersistenceError {
  return new EventPersistenceError(`${operation} failed: ${why}`, { operation, transient: false, ...more })
}

/** Reads a good answer's text. Throws `EventPersistenceError` when it is not what the service answers. */
export function understand<T>(operation: string, text: string, read: (text: string) => T): T {
  try {
    return read(text)
  } catch (cause) {
    throw notTheService(operation, cause)
  }
}

export function notTheService(operation: string, cause?: unknown): EventPersistenceError {
  return failure(operation, 'what answered is not the service. Check the url', { cause })
}
