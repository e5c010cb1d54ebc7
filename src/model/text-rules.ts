import * as z from 'zod'
import { MAX_ID_LENGTH } from './limits.ts'

const CONTROL = /\p{Cc}/u

/**
 * Text that PostgreSQL can hold in an indexed column: it takes neither U+0000 nor half a surrogate pair.
 * Answers with what is wrong with it, or null.
 */
function storableProblem(text: string, maxLength: number): string | null {
  if (text.length > maxLength) return `is too long: send at most ${maxLength} UTF-16 code units`
  if (text.includes('\u0000')) return 'holds U+0000: remove it'
  return text.isWellFormed() ? null : 'holds half a surrogate pair: send well-formed Unicode'
}

/** An id also stands in URL paths, where `.` and `..` mean something else and control characters get lost. */
function idProblem(text: string, maxLength: number): string | null {
  if (text === '') return 'is empty: send a non-empty string'
  if (text === '.' || text === '..') return 'cannot be "." or "..": these cannot stand in a URL path'
  return storableProblem(text, maxLength) ?? (CONTROL.test(text) ? 'holds a control character: remove it' : null)
}

/** Whether anything recorded can have this id. */
export function isPossibleId(id: unknown): id is string {
  return typeof id === 'string' && idProblem(id, MAX_ID_LENGTH) === null
}

/** A string that may be empty, fit to be stored and indexed. */
export function storableText(maxLength: number = MAX_ID_LENGTH) {
  return textWith(storableProblem, maxLength).meta({ maxLength })
}

/** A string that names something: not empty, storable, and usable as one segment of a URL path. */
export function idText(maxLength: number = MAX_ID_LENGTH) {
  return textWith(idProblem, maxLength).meta({ minLength: 1, maxLength })
}

/** The same, or empty, which stands for nothing. */
export function idTextOrEmpty(maxLength: number = MAX_ID_LENGTH) {
  return textWith((text) => (text === '' ? null : idProblem(text, maxLength)), maxLength).meta({ maxLength })
}

function textWith(problem: (text: string, maxLength: number) => string | null, maxLength: number) {
  return z.string().check((context) => {
    const message = problem(context.value, maxLength)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  })
}
