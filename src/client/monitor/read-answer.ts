import { member } from '../../model/event-context.ts'

/** A JSON answer in which the service always puts `known`. Throws when the text is that of something else at the address. */
export function readAnswer<T>(text: string, known: string & keyof T): T {
  const answer: unknown = JSON.parse(text)
  const value = member(answer, known)
  if (value === undefined || value === null) throw new Error('the answer is not the service’s')
  return answer as T
}
