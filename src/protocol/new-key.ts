import * as z from 'zod'
import { isScope, SCOPES, type Scope } from '../model/scopes.ts'
import { storableText } from '../model/text-rules.ts'
import { toUtcTimestamp } from '../model/timestamp.ts'

const scope = z
  .string()
  .refine(isScope, { error: `is no scope: send ${SCOPES.join(', ')}` })
  .transform((text) => text as Scope)
  .meta({ override: { type: 'string', enum: [...SCOPES] } })

/** What a terminal obeys instead of showing it, and what turns lines around or breaks them. */
export const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/** What an API key is to be. Serves the HTTP API and the command. */
export const NewKey = z
  .strictObject({
    scopes: z
      .array(scope)
      .min(1, { error: 'is empty: send at least one scope' })
      .transform((scopes) => [...new Set(scopes)])
      .meta({ description: 'What the key allows. `admin` allows everything within the tenant' }),
    expires_at: z
      .string()
      .refine((text) => toUtcTimestamp(text) !== null, { error: 'must be an ISO 8601 time such as 2027-01-31T00:00:00Z' })
      .refine((text) => !(Date.parse(toUtcTimestamp(text) ?? '') <= Date.now()), { error: 'has passed: send a time to come' })
      .transform((text) => toUtcTimestamp(text) as string)
      .nullish()
      .meta({ description: 'Refused from then on. Absent: it holds until it is revoked' }),
    application_name: storableText()
      .refine((text) => text !== '', { error: 'is empty: send a non-empty string, or leave it out' })
      .refine((text) => !UNPRINTABLE.test(text), { error: 'holds a control character: remove it' })
      .nullish()
      .meta({ description: 'Fills `metadata.application_name` of published events that have none' }),
  })
  .meta({ id: 'NewKey' })
