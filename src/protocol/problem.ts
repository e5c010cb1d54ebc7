import * as z from 'zod'
import type { Failure } from './failure.ts'
import { PROBLEM_TYPE_PREFIX } from './problem-kind.ts'

/** Problem details, RFC 9457. `type` is stable and names the kind of failure; `detail` is for people. */
export const Problem = z
  .looseObject({
    type: z
      .string()
      .meta({ description: 'Stable name of the kind of problem', example: 'urn:edge-event-store:problem:invalid-events' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong and what to do' }),
    request_id: z.string().meta({ description: 'Names this request in the logs' }).optional(),
    errors: z
      .array(
        z.object({
          index: z.int().optional().meta({ description: 'Place of the event in the request, from 0' }),
          path: z.string().meta({ description: 'Member or parameter' }),
          message: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'Problem details, RFC 9457' })
export type Problem = z.infer<typeof Problem>

/** Seconds after which a client may repeat what failed for want of a backend. */
export const RETRY_AFTER_SECONDS = 2

/** Seconds after which there may be room again where a cap was reached. */
export const ROOM_AFTER_SECONDS = 10

/** The one place where failures become answers. */
export function problemOf(failure: Failure): Problem {
  const problem = (status: number, title: string, detail: string, more: Record<string, unknown> = {}): Problem => ({
    type: `${PROBLEM_TYPE_PREFIX}${failure.kind}`,
    title,
    status,
    detail,
    ...more,
  })
  switch (failure.kind) {
    case 'malformed-json':
      return problem(400, 'The body is not well-formed', `Nothing was done: mend the body and send it again. ${failure.detail}`, {
        index: failure.index,
        offset: failure.offset,
      })
    case 'invalid-events':
      return problem(422, 'Events are not valid', `No event was recorded. ${summary(failure.errors)}`, { errors: failure.errors })
    case 'invalid-request':
      return problem(400, 'The request is not valid', summary(failure.errors), { errors: failure.errors })
    case 'too-large':
      return problem(413, 'A limit is exceeded', failure.detail, {
        limit: failure.limit,
        maximum: failure.maximum,
        index: failure.index,
      })
    case 'range-too-large':
      return problem(422, 'The range is too large', failure.detail, { limit: failure.limit, maximum: failure.maximum })
    case 'unsupported-media-type':
      return problem(415, 'The media type is not supported', failure.detail)
    case 'unauthenticated':
      return problem(401, 'Authentication is required', failure.detail)
    case 'forbidden':
      return problem(
        403,
        'The credential does not allow this',
        `This takes the scope ${failure.scope}. Send a key that has it.`,
        { scope: failure.scope },
      )
    case 'not-found':
      return problem(404, 'Not found', failure.detail)
    case 'rate-limited': {
      const fact =
        'cap' in failure
          ? `There are ${failure.cap.limit} ${failure.cap.counts}, and there may be no more at a time.`
          : `There were more than ${failure.policy.limit} ${failure.policy.counts} within ${failure.policy.seconds} seconds.`
      return problem(429, 'Too many requests', `${fact} Nothing was done. Repeat it after the time in Retry-After.`)
    }
    case 'method-not-allowed':
      return problem(405, 'The method is not allowed', `This path takes ${failure.allow.join(', ')}.`)
    case 'wrong-expected-seq':
      return problem(
        409,
        'The conversation has another head',
        `expected_seq is ${failure.expected_seq}, the conversation's head is ${failure.head_seq}. Nothing was recorded. ${failure.head_seq > failure.expected_seq ? 'Read what follows' : 'It was never there, or cleared since: read the conversation'}, decide again and repeat.`,
        { conversation_id: failure.conversation_id, expected_seq: failure.expected_seq, head_seq: failure.head_seq },
      )
    case 'conflicting-events':
      return problem(
        409,
        'Event ids stand with other content',
        failure.partly_recorded
          ? 'Another writer recorded one of the ids meanwhile, after events of other conversations in this request were recorded. Repeating the request is safe.'
          : 'Nothing was recorded. Give the listed events ids of their own, or leave out on_conflict=reject.',
        { conflicts: failure.conflicts, partly_recorded: failure.partly_recorded },
      )
    case 'authentication-unavailable':
      return problem(503, 'Credentials cannot be checked', failure.detail)
    case 'history-unavailable':
      return problem(503, 'The history is unavailable', failure.detail)
    case 'recording-unavailable':
      return problem(503, 'Recording is unavailable', failure.detail)
    case 'not-configured':
      return problem(503, 'The service is not configured', failure.problems.join(' '))
    case 'internal':
      return problem(500, 'Internal error', 'The request failed by a fault of the service. Repeating it is safe.')
  }
}

function summary(errors: readonly { readonly index?: number; readonly path: string; readonly message: string }[]): string {
  const [first] = errors
  if (!first) return ''
  const where = [first.index === undefined ? '' : `event ${first.index}`, first.path].filter((part) => part !== '').join(', ')
  const rest = errors.length > 1 ? ` (and ${errors.length - 1} more, see errors)` : ''
  return `${where ? `${where}: ` : ''}${first.message}${rest}`
}
