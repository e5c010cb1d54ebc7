import * as z from 'zod'
import { AUDIT_OUTCOMES, readAuditCursor } from '../model/audit.ts'
import { CONVERSATION_KINDS } from '../model/conversation-kind.ts'
import { DEFAULT_PAGE_ITEMS, MAX_OFFSETS, MAX_PAGE_ITEMS } from '../model/limits.ts'
import { readUnfinishedCursor } from '../model/monitor.ts'
import { idText, storableText } from '../model/text-rules.ts'
import { compareInstants, toInstant, toUtcTimestamp } from '../model/timestamp.ts'

/** Largest seq and offset: PostgreSQL's `bigint` goes further, JSON numbers do not. */
const MAX_SEQ = Number.MAX_SAFE_INTEGER
const MAX_TOPIC_OFFSET = 2_147_483_647
/** PostgreSQL's largest `bigint`. */
const MAX_POSITION = 9_223_372_036_854_775_807n

/** A whole number in decimal digits, as a query parameter is written. */
function integerText(minimum: number, maximum: number) {
  return z
    .string()
    .refine((text) => /^\d{1,16}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum, {
      error: `must be a whole number from ${minimum} to ${maximum}`,
    })
    .transform(Number)
    .meta({ override: { type: 'integer', minimum, maximum } })
}

export const limit = integerText(1, MAX_PAGE_ITEMS)
  .optional()
  .meta({
    description: `Items at most; ${DEFAULT_PAGE_ITEMS} when absent. Page sizes in bytes are bounded too. With NDJSON the items of the whole answer, all when absent.`,
  })

export const seq = integerText(0, MAX_SEQ).optional().meta({ description: 'Only what follows this seq' })

const LAST_ID = 'The id of the last message that was received; wins over `after`. Browsers send it by themselves'

/** Whoever has received no id yet may send an empty one: it means the same as none. */
function lastId<Schema extends z.ZodType>(schema: Schema) {
  return z
    .preprocess((sent) => (sent === '' ? undefined : sent), schema.optional())
    .optional()
    .meta({ description: LAST_ID })
}

export const lastSeqHeaders = z.object({ 'Last-Event-ID': lastId(integerText(0, MAX_SEQ)) })

/** Its form is looked at where it is checked: a ticket that does not hold is refused in one way. */
export const ticket = z
  .string()
  .optional()
  .meta({ description: 'A ticket of this conversation, instead of a credential in `Authorization`' })

export const untilSeq = integerText(0, MAX_SEQ).optional().meta({ description: 'The conversation as it was at this seq' })

export const expectedSeq = integerText(0, MAX_SEQ).optional().meta({
  description:
    "The conversation's head that the writer knows of, 0 for a new one; 409 when it differs. For one conversation a request.",
})

const cursor = z
  .string()
  .refine((text) => /^\d{1,19}$/.test(text) && BigInt(text) <= MAX_POSITION, { error: 'must be a cursor that the store gave' })
  .optional()

export const position = cursor.meta({
  description: "The cursor to go on from, exclusive: `next_cursor` of the page before, or an item's `cursor`",
})

export const lastPositionHeaders = z.object({ 'Last-Event-ID': lastId(cursor) })

export const id = idText()
export const name = storableText()
  .refine((text) => text !== '', { error: 'is empty: send a non-empty string' })
  .optional()

export const topicName = name.meta({ description: 'Events of any kind that name this topic' })

export const conversationId = idText()
  .optional()
  .meta({ description: 'Search this conversation only, then its object answers and a cursor is a seq' })

export const instant = z
  .string()
  .refine((text) => toUtcTimestamp(text) !== null, {
    error: 'must be an ISO 8601 time such as 2026-01-31T12:00:00Z (in a URL, + is written %2B)',
  })
  .transform((text) => toUtcTimestamp(text) as string)
  .optional()

/** For a query with both bounds. */
export function requireRange({ value, issues }: z.core.ParsePayload<{ since?: string | undefined; until?: string | undefined }>) {
  const since = toInstant(value.since ?? '')
  const until = toInstant(value.until ?? '')
  if (!since || !until || compareInstants(since, until) < 0) return
  issues.push({ code: 'custom', path: ['since'], message: NO_RANGE, input: value.since })
}

export const NO_RANGE = 'must be before until'

/** A step of an overview: whole minutes up to a day, in seconds. */
export const step = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) >= 60 && Number(text) <= 86_400 && Number(text) % 60 === 0, {
    error: 'must be seconds: a multiple of 60 from 60 to 86400',
  })
  .transform(Number)
  .meta({ override: { type: 'integer', minimum: 60, maximum: 86_400, multipleOf: 60 } })
  .optional()

export const unfinishedCursor = z
  .string()
  .refine((text) => readUnfinishedCursor(text) !== null, { error: 'must be a cursor that this list gave' })
  .optional()
  .meta({ description: 'The cursor to go on from, towards those begun earlier, exclusive' })

export const conversationKind = z
  .enum(CONVERSATION_KINDS, { error: `must be ${CONVERSATION_KINDS.join(' or ')}` })
  .optional()
  .meta({
    description: '`application`: logs of application events, whose ids begin with `workflow:` or `topic:`. Both when absent',
  })

export const auditCursor = z
  .string()
  .refine((text) => readAuditCursor(text) !== null, { error: 'must be a cursor that the audit log gave' })
  .optional()
  .meta({ description: 'The cursor to go on from, towards older entries, exclusive' })

export const auditOutcome = z.enum(AUDIT_OUTCOMES, { error: `must be ${AUDIT_OUTCOMES.join(', ')}` }).optional()

export const order = z.enum(['asc', 'desc'], { error: 'must be asc or desc' }).optional()

export const offsets = z
  .string()
  .refine((text) => text === '' || /^\d{1,10}(,\d{1,10})*$/.test(text), {
    error: 'must be whole numbers separated by commas, such as 0,2,5',
  })
  .transform((text) => (text === '' ? [] : [...new Set(text.split(',').map(Number))]))
  .refine((list) => list.length <= MAX_OFFSETS, { error: `must be at most ${MAX_OFFSETS} offsets` })
  .refine((list) => list.every((offset) => offset <= MAX_TOPIC_OFFSET), { error: `must be offsets up to ${MAX_TOPIC_OFFSET}` })
  .meta({ override: { type: 'string', pattern: '^(\\d+(,\\d+)*)?$' } })
  .optional()
  .meta({
    description: `Offsets of agent events within the topic, separated by commas, at most ${MAX_OFFSETS}. Absent: the application events of the topic`,
  })

/** Bytes of a header that are not UTF-8 all arrive as U+FFFD, so that different values would be taken for one. */
const readableHeader = (text: string) => !text.includes('\ufffd')
const UNREADABLE_HEADER = { error: 'holds bytes that are not UTF-8: send UTF-8' }

export const publishHeaders = z.object({
  'Idempotency-Key': idText().refine(readableHeader, UNREADABLE_HEADER).optional().meta({
    description:
      'The id of an event that has none of its own, the same in every repeat; of several events the n-th gets `<key>:<n>`, from 0',
  }),
  'X-Application-Name': storableText()
    .refine(readableHeader, UNREADABLE_HEADER)
    .optional()
    .meta({ description: 'Fills `metadata.application_name` where an event has none' }),
})
