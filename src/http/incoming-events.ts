import { checkApplicationEvent } from '../model/application-events.ts'
import { type AgentEventCheck, checkAgentEvent } from '../model/check-agent-event.ts'
import { member } from '../model/event-context.ts'
import { isAgentEventType } from '../model/event-types.ts'
import { type EventIssue, toPath } from '../model/issues.ts'
import { MAX_EVENT_BYTES, MAX_REQUEST_EVENTS } from '../model/limits.ts'
import { type SlicedEvent, sliceEvents } from '../model/slice.ts'
import type { SliceFailure } from '../model/slice-failure.ts'
import { type Failure, RequestFailure, type RequestIssue } from '../protocol/failure.ts'
import { batchByConversation, type IncomingEvents } from './conversation-batches.ts'

export type EventFormat = 'json' | 'ndjson'

type Check<Good extends { readonly ok: true }> = Good | { readonly ok: false; readonly issues: readonly EventIssue[] }

/** Problems listed of one request: the first ones tell what is wrong with the rest. */
const MAX_ISSUES = 20

/** Cuts a body into its agent events, checks them all, and sorts them by conversation. Throws before anything is stored. */
export function readIncomingEvents(body: Uint8Array, format: EventFormat): IncomingEvents {
  const accepted = checkedEvents(body, format, checkRecordedEvent).map(({ slice, check }) => ({
    conversation_id: check.conversation_id,
    head: check.head,
    text: body.subarray(slice.start, slice.end),
    digest: slice.digest,
  }))
  return batchByConversation(accepted)
}

/** The first mistake of whoever publishes is to send to this path. */
function checkRecordedEvent(value: unknown): AgentEventCheck {
  const check = checkAgentEvent(value)
  const isPublished =
    member(value, 'event_context') === undefined &&
    !isAgentEventType(member(value, 'event_type')) &&
    checkApplicationEvent(value).ok
  if (check.ok || !isPublished) return check
  const message = 'has no event_context: if it is an application event, send it to POST /v1/publish'
  return { ok: false, issues: [{ path: '', message }, ...check.issues] }
}

/** Cuts a body into its events and checks each parsed value. Throws one failure that names every problem, the first 20 of many. */
export function checkedEvents<Good extends { readonly ok: true }>(
  body: Uint8Array,
  format: EventFormat,
  check: (value: unknown) => Check<Good>,
): { readonly slice: SlicedEvent; readonly check: Good }[] {
  const sliced = sliceEvents(body, format)
  if (!sliced.ok) throw new RequestFailure(failureOfSlice(sliced.failure))
  const checked: { slice: SlicedEvent; check: Good }[] = []
  const errors: RequestIssue[] = []
  sliced.events.forEach((slice, index) => {
    const result = check(slice.value)
    if (result.ok) checked.push({ slice, check: result })
    else if (errors.length < MAX_ISSUES) errors.push(...result.issues.map((issue) => ({ index, ...issue })))
  })
  if (errors.length > 0) throw new RequestFailure({ kind: 'invalid-events', errors: errors.slice(0, MAX_ISSUES) })
  return checked
}

function failureOfSlice(failure: SliceFailure): Failure {
  const { message, index, offset } = failure
  switch (failure.kind) {
    case 'malformed-json':
      return { kind: 'malformed-json', detail: message, index, offset }
    case 'invalid-event':
      return {
        kind: 'invalid-events',
        errors: [{ ...(index === undefined ? {} : { index }), path: toPath(failure.path ?? []), message }],
      }
    case 'too-large': {
      const many = index !== undefined && index >= MAX_REQUEST_EVENTS
      return {
        kind: 'too-large',
        limit: many ? 'request_events' : 'event_bytes',
        maximum: many ? MAX_REQUEST_EVENTS : MAX_EVENT_BYTES,
        detail: message,
        index,
      }
    }
  }
}
