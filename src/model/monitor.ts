import type { PageRequest } from './history.ts'
import type { UnfinishedInvoke } from './request-summary.ts'
import { toUtcTimestamp } from './timestamp.ts'

/** On the events' own timestamps, ISO 8601 in UTC. */
export interface TimeRange {
  /** Inclusive. */
  readonly since: string
  /** Exclusive. */
  readonly until: string
}

export interface ActivityQuery extends TimeRange {
  /** Seconds: whole minutes. `since` and `until` are whole minutes, too. */
  readonly step: number
}

export interface ActivityPoint {
  /** Start of the step, counted from 1970: ISO 8601 in UTC with milliseconds. */
  readonly at: string
  readonly events: number
  /** Failed events of components, and application events whose `metadata.workflow_state` is `failed`. */
  readonly failures: number
}

/** Milliseconds with three digits after the point; percentiles are the nearest rank's. Null when `count` is 0. */
export interface DurationSpread {
  readonly count: number
  readonly p50: number | null
  readonly p95: number | null
  readonly max: number | null
  readonly mean: number | null
}

/** One assistant's events whose timestamp lies in the range. */
export interface AssistantActivity {
  /** The first 256 characters, as of `type`. Null for events that name none. */
  readonly name: string | null
  /** Of its newest run. */
  readonly type: string | null
  readonly requests: number
  readonly responses: number
  readonly failures: number
  /** Responses of all that ended, from 0 to 1; null when nothing ended. */
  readonly success_rate: number | null
  /** Of the runs that ended in the range, from their invoke, even one before the range. */
  readonly duration_ms: DurationSpread
}

export interface AssistantsActivity {
  /** Most requests first, then by name. */
  readonly assistants: readonly AssistantActivity[]
  /** There was more than one answer takes: the newest runs were counted, or assistants left out. */
  readonly truncated: boolean
}

export interface UnfinishedQuery extends TimeRange, PageRequest {}

/** An assistant request that has more invokes than ends of a family of components. */
export interface UnfinishedRequest {
  readonly cursor: string
  readonly assistant_request_id: string
  /** Of its first event. */
  readonly conversation_id: string
  /** The earliest and the latest timestamp of its events, ISO 8601 in UTC with milliseconds. */
  readonly started_at: string
  readonly last_event_at: string
  readonly events: number
  readonly failures: number
  /** As in its summary. */
  readonly unfinished: readonly UnfinishedInvoke[]
  /** It has more than `MAX_PAIRED_EVENTS`, and `unfinished` is empty for that. */
  readonly truncated?: true
}

export interface UnfinishedPage {
  /** Those begun last first. */
  readonly items: readonly UnfinishedRequest[]
  readonly more: boolean
}

/** What a history tells of all of a tenant's events at once. Quarantined events are not counted. */
export interface EventOverviews {
  /** Steps with events only, oldest first. */
  activity(tenant: string, query: ActivityQuery): Promise<readonly ActivityPoint[]>
  assistants(tenant: string, range: TimeRange): Promise<AssistantsActivity>
  unfinished(tenant: string, query: UnfinishedQuery): Promise<UnfinishedPage>
}

/** Events of an assistant request that a page of unfinished ones pairs; its own summary takes more. */
export const MAX_PAIRED_EVENTS = 5_000

/** Events that the pairing of one page looks at: a page ends before. */
export const MAX_PAGE_PAIRED_EVENTS = 10_000

/** Requests of a page, whatever was asked for. */
export const MAX_UNFINISHED_ITEMS = 100

/** Assistants of one answer. */
export const MAX_ASSISTANTS = 200

/** Characters of an assistant's name and type that are kept. */
export const MAX_SHOWN_NAME = 256

/** Whose place in the list a cursor names: when the request began, to the microsecond, and the position of its first event. */
export interface UnfinishedPlace {
  readonly started_at: string
  readonly position: string
}

export function unfinishedCursor({ started_at, position }: UnfinishedPlace): string {
  return `${started_at}-${position}`
}

/** Null for what `unfinishedCursor` did not make. */
export function readUnfinishedCursor(text: string): UnfinishedPlace | null {
  const [, time = '', position = ''] = /^(.*Z)-(\d{1,18})$/.exec(text) ?? []
  const started_at = toUtcTimestamp(time)
  return started_at === null ? null : { started_at, position }
}
