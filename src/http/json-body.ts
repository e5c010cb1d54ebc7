import type * as z from 'zod'
import { describeIssue, toPath } from '../model/issues.ts'
import { findNameFault } from '../model/slice-names.ts'
import { RequestFailure } from '../protocol/failure.ts'
import { mediaTypeOf, readBody } from './read-body.ts'
import { issuesOf } from './validate.ts'

/** Reads and checks a body that is one JSON value other than events. Throws one failure that names every problem. */
export async function readJsonBody<Schema extends z.ZodType>(schema: Schema, request: Request): Promise<z.output<Schema>> {
  if (mediaTypeOf(request) !== 'application/json') {
    throw new RequestFailure({ kind: 'unsupported-media-type', detail: 'Send Content-Type: application/json.' })
  }
  const text = decode(await readBody(request))
  const value = parse(text)
  const fault = findNameFault(text)
  if (fault) throw new RequestFailure({ kind: 'invalid-request', errors: [{ path: toPath(fault.path), message: fault.message }] })
  const checked = schema.safeParse(value, { error: describeIssue })
  if (!checked.success)
    throw new RequestFailure({ kind: 'invalid-request', errors: issuesOf(checked.error.issues, UNKNOWN_MEMBER) })
  return checked.data
}

const UNKNOWN_MEMBER = 'is no member of this body: leave it out'

const MALFORMED = { kind: 'malformed-json', detail: 'The body is not JSON in UTF-8.' } as const

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body)
  } catch {
    throw new RequestFailure(MALFORMED)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RequestFailure(MALFORMED)
  }
}
