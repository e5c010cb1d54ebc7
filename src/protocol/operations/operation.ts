import * as z from 'zod'
import type { Scope } from '../../model/scopes.ts'
import * as answers from '../answers.ts'
import * as parameters from '../parameters.ts'

/** One operation of the HTTP API: what the router, the validation and the OpenAPI document are made of. */
export interface Operation<Params extends z.ZodType = z.ZodType, Query extends z.ZodType = z.ZodType> {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With `{parameter}` segments. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  /** What a credential must allow. Null: answers without one, and while the service is not configured. */
  readonly scope: Scope | null
  readonly params: Params
  readonly query: Query
  /** The body is events: JSON or NDJSON. */
  readonly takesEvents?: 'agent' | 'application'
  /** Another body than events, as JSON. */
  readonly body?: z.ZodType
  /** Headers that it reads beside the parameters. */
  readonly headers?: z.ZodObject
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema: z.ZodType }>>
  /** Also answers with `application/x-ndjson`. */
  readonly streams?: boolean
  /** Answers with `text/event-stream` instead of JSON; the schema is that of a message's data. */
  readonly live?: boolean
  /** Takes a ticket in its query instead of a credential. */
  readonly takesTicket?: boolean
}

/** Keeps the schemas' types. */
export function operation<Params extends z.ZodType, Query extends z.ZodType>(
  definition: Operation<Params, Query>,
): Operation<Params, Query> {
  return definition
}

export const none = z.strictObject({})
export const page = { after: parameters.position, limit: parameters.limit }
export const pageAnswer = { 200: { description: 'A page of items', schema: answers.Page } }
