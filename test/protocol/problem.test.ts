import { describe, expect, it } from 'vitest'
import type { Failure } from '../../src/protocol/failure.ts'
import { Problem, problemOf } from '../../src/protocol/problem.ts'
import { PROBLEM_TYPE_PREFIX } from '../../src/protocol/problem-kind.ts'

const errors = [
  { index: 3, path: 'event_id', message: 'is missing: send a string' },
  { index: 4, path: '', message: 'is no object' },
]

/** One failure of every kind; a new kind makes this fail to compile. */
const FAILURES: { readonly [Kind in Failure['kind']]: readonly [Extract<Failure, { kind: Kind }>, number] } = {
  'malformed-json': [{ kind: 'malformed-json', detail: 'Byte 7 is odd.', index: 1, offset: 7 }, 400],
  'invalid-events': [{ kind: 'invalid-events', errors }, 422],
  'invalid-request': [{ kind: 'invalid-request', errors }, 400],
  'too-large': [{ kind: 'too-large', limit: 'event_bytes', maximum: 10, detail: 'It has 11 bytes.', index: 2 }, 413],
  'range-too-large': [{ kind: 'range-too-large', limit: 'range_days', maximum: 31, detail: 'It has 32 days.' }, 422],
  'unsupported-media-type': [{ kind: 'unsupported-media-type', detail: 'Send JSON.' }, 415],
  unauthenticated: [{ kind: 'unauthenticated', detail: 'Send the key.' }, 401],
  forbidden: [{ kind: 'forbidden', scope: 'events:read' }, 403],
  'authentication-unavailable': [{ kind: 'authentication-unavailable', detail: 'The keys are away.' }, 503],
  'not-found': [{ kind: 'not-found', detail: 'There is no such event.' }, 404],
  'rate-limited': [
    { kind: 'rate-limited', policy: { name: 'requests', limit: 10, seconds: 60, counts: 'requests with this credential' } },
    429,
  ],
  'method-not-allowed': [{ kind: 'method-not-allowed', allow: ['GET', 'POST'] }, 405],
  'wrong-expected-seq': [{ kind: 'wrong-expected-seq', conversation_id: 'c', expected_seq: 1, head_seq: 2 }, 409],
  'conflicting-events': [{ kind: 'conflicting-events', conflicts: ['x'], partly_recorded: false }, 409],
  'history-unavailable': [{ kind: 'history-unavailable', detail: 'It is away.' }, 503],
  'recording-unavailable': [{ kind: 'recording-unavailable', detail: 'It is away.' }, 503],
  'not-configured': [{ kind: 'not-configured', problems: ['Set A.', 'Set B.'] }, 503],
  internal: [{ kind: 'internal' }, 500],
}

describe('problem details', () => {
  it.each(Object.entries(FAILURES))('of %s have a stable type, a status and a detail', (kind, [failure, status]) => {
    const problem = Problem.parse(JSON.parse(JSON.stringify(problemOf(failure))))
    expect(problem.type).toBe(`${PROBLEM_TYPE_PREFIX}${kind}`)
    expect(problem.status).toBe(status)
    expect(problem.title).not.toBe('')
    expect(problem.detail).not.toBe('')
  })

  it('name the first error in the detail and list all of them', () => {
    const problem = problemOf({ kind: 'invalid-events', errors })
    expect(problem.detail).toBe('No event was recorded. event 3, event_id: is missing: send a string (and 1 more, see errors)')
    expect(problem.errors).toEqual(errors)
  })

  it('name the limit that is exceeded', () => {
    expect(problemOf(FAILURES['too-large'][0])).toMatchObject({ limit: 'event_bytes', maximum: 10, index: 2 })
  })

  it('name both heads, so that the writer can decide', () => {
    expect(problemOf(FAILURES['wrong-expected-seq'][0])).toMatchObject({ conversation_id: 'c', expected_seq: 1, head_seq: 2 })
  })

  it('do not send a writer that is ahead of the conversation to read what follows', () => {
    const { title, detail } = problemOf({ ...FAILURES['wrong-expected-seq'][0], expected_seq: 5, head_seq: 0 })
    expect(title).toBe(problemOf(FAILURES['wrong-expected-seq'][0]).title)
    expect(detail).toContain(
      "expected_seq is 5, the conversation's head is 0. Nothing was recorded. It was never there, or cleared",
    )
    expect(detail).not.toContain('what follows')
  })

  it('tell whether a conflict came before anything was recorded', () => {
    const conflict = FAILURES['conflicting-events'][0]
    expect(problemOf(conflict)).toMatchObject({ conflicts: ['x'], detail: expect.stringContaining('Nothing was recorded') })
    expect(problemOf({ ...conflict, partly_recorded: true }).detail).not.toContain('Nothing was recorded')
  })
})

it('of a cap say how many there may be, and of no time in which they came', () => {
  const { detail } = problemOf({ kind: 'rate-limited', cap: { limit: 7, counts: 'live feeds of this tenant' } })
  expect(detail).toContain('There are 7 live feeds of this tenant, and there may be no more at a time.')
  expect(detail).not.toContain('within')
})

it('of a body that is not well-formed says what to do, and where it is not', () => {
  const { detail } = problemOf(FAILURES['malformed-json'][0])
  expect(detail).toBe('Nothing was done: mend the body and send it again. Byte 7 is odd.')
})
