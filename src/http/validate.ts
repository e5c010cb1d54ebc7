import type * as z from 'zod'
import { describeIssue, toEventIssues } from '../model/issues.ts'
import { MAX_ID_LENGTH } from '../model/limits.ts'
import { RequestFailure, type RequestIssue } from '../protocol/failure.ts'
import type { Operation } from '../protocol/operations/operation.ts'
import { queryOf } from './query-of.ts'

/** Checks path and query of a request by its operation's schemas. Throws one failure that names every problem. */
export function validate<O extends Operation>(
  operation: O,
  params: Record<string, string>,
  request: Request,
): { readonly params: z.output<O['params']>; readonly query: z.output<O['query']> } {
  const errors = undecodable(operation, request)
  const query: Record<string, string> = Object.create(null)
  for (const [name, value] of queryOf(request)) {
    if (name in query) errors.push({ path: name, message: 'is given more than once: send it once' })
    query[name] = value
  }
  const checkedParams = operation.params.safeParse(params, { error: describeIssue })
  const checkedQuery = operation.query.safeParse({ ...query }, { error: describeIssue })
  for (const checked of [checkedParams, checkedQuery]) {
    if (!checked.success) errors.push(...issuesOf(checked.error.issues))
  }
  if (errors.length > 0 || !checkedParams.success || !checkedQuery.success) {
    throw new RequestFailure({ kind: 'invalid-request', errors })
  }
  return { params: checkedParams.data as z.output<O['params']>, query: checkedQuery.data as z.output<O['query']> }
}

/** Ids in the path that are no percent-encoding: the router takes them as they stand, and others on the way do not. */
function undecodable({ path }: Operation, { url }: Request): RequestIssue[] {
  if (!url.includes('%')) return []
  const sent = new URL(url).pathname.split('/')
  return path.split('/').flatMap((part, i) => {
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? []
    if (name === undefined || isDecodable(sent[i] ?? '')) return []
    return [{ path: name, message: 'is no percent-encoded UTF-8: a percent sign itself is written %25' }]
  })
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** Checks the headers that an operation reads beside its parameters; one that is not sent is undefined. */
export function validateHeaders<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  { headers }: Request,
): z.output<z.ZodObject<Shape>> {
  const sent = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, headers.get(name) ?? undefined]))
  const checked = schema.safeParse(sent, { error: describeIssue })
  if (!checked.success) throw new RequestFailure({ kind: 'invalid-request', errors: issuesOf(checked.error.issues) })
  return checked.data
}

/** `unknown` says what is wrong with a name that the schema does not have. */
export function issuesOf(
  issues: readonly z.core.$ZodIssue[],
  unknown = 'is no parameter of this operation: leave it out',
): RequestIssue[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: key.slice(0, MAX_ID_LENGTH),
          message: unknown,
        }))
      : toEventIssues([issue]),
  )
}
