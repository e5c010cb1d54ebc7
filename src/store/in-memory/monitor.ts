import { type AssistantRun, assistantsActivity } from '../../model/assistant-runs.ts'
import { componentFacts } from '../../model/component-facts.ts'
import { tellsOfFailure } from '../../model/event-failure.ts'
import type { EventHead } from '../../model/event-head.ts'
import { componentEventKind } from '../../model/event-types.ts'
import {
  type ActivityPoint,
  type ActivityQuery,
  type AssistantsActivity,
  MAX_PAIRED_EVENTS,
  MAX_SHOWN_NAME,
  MAX_UNFINISHED_ITEMS,
  readUnfinishedCursor,
  type TimeRange,
  type UnfinishedPage,
  type UnfinishedQuery,
  type UnfinishedRequest,
  unfinishedCursor,
} from '../../model/monitor.ts'
import { unfinishedInvoke } from '../../model/request-summary.ts'
import { type RunEvent, RunPairs } from '../../model/run-pairs.ts'
import { compareInstants, type Instant, toInstant } from '../../model/timestamp.ts'

/** An event as the history in memory holds it, in the order of recording. */
export interface RecordedEvent {
  readonly position: string
  readonly conversation_id: string
  readonly head: EventHead
  /** Verbatim JSON text. */
  readonly event: string
}

/** Events by steps of their own timestamps. */
export function activityOf(recorded: readonly RecordedEvent[], { since, until, step }: ActivityQuery): ActivityPoint[] {
  const points = new Map<number, { events: number; failures: number }>()
  for (const { head, event } of recorded) {
    const at = instantOf(head.timestamp)
    if (!isWithin(at, { since, until })) continue
    const start = Math.floor(at.seconds / step) * step
    const point = points.get(start) ?? { events: 0, failures: 0 }
    points.set(start, point)
    point.events += 1
    if (tellsOfFailure(head, event)) point.failures += 1
  }
  return [...points].sort(([a], [b]) => a - b).map(([start, counts]) => ({ at: new Date(start * 1000).toISOString(), ...counts }))
}

/** The assistants' runs that began or ended in the range. */
export function assistantsOf(recorded: readonly RecordedEvent[], range: TimeRange): AssistantsActivity {
  const pairs = new Map<string, RunPairs<RunEvent & { readonly run: AssistantRun }>>()
  const runs: AssistantRun[] = []
  for (const { head, event } of recorded) {
    const { event_id, event_type, assistant_request_id: request } = head
    const kind = componentEventKind(event_type)
    if (request === null || kind?.family !== 'assistant') continue
    const facts = componentFacts('assistant', JSON.parse(event))
    const at = instantOf(head.timestamp)
    const isEnd = kind.phase !== 'invoke'
    const failed = kind.phase === 'failed'
    const shown = { name: shownName(facts.name), type: shownName(facts.type) }
    const run: AssistantRun = { ...shown, began: isEnd ? null : at, ended: isEnd ? at : null, failed }
    const ofRequest = pairs.get(request) ?? new RunPairs()
    pairs.set(request, ofRequest)
    const begun = ofRequest.add({ event_id, event_type, facts, run })
    if (begun) Object.assign(begun.run, { ended: at, failed })
    else runs.push(run)
  }
  return assistantsActivity(runs, range)
}

/** The unfinished assistant requests begun in the range, newest first. */
export function unfinishedOf(recorded: readonly RecordedEvent[], query: UnfinishedQuery): UnfinishedPage {
  const byRequest = Map.groupBy(
    recorded.filter(({ head }) => head.assistant_request_id !== null),
    ({ head }) => head.assistant_request_id as string,
  )
  const place = query.after === undefined ? null : readUnfinishedCursor(query.after)
  const rest = [...byRequest.values()]
    .map(placed)
    .filter((request) => isWithin(request.began, query) && hasOpenInvoke(request.events))
    .sort(newestFirst)
    .filter((request) => !place || newestFirst({ began: instantOf(place.started_at), position: place.position }, request) < 0)
  const items = rest.slice(0, Math.min(query.limit, MAX_UNFINISHED_ITEMS)).map(toRequest)
  return { items, more: rest.length > items.length }
}

interface PlacedRequest {
  readonly began: Instant
  readonly last: Instant
  readonly position: string
  readonly events: readonly RecordedEvent[]
}

function placed(events: readonly RecordedEvent[]): PlacedRequest {
  const times = events.map(({ head }) => instantOf(head.timestamp)).sort(compareInstants)
  const [began = EPOCH] = times
  return { began, last: times.at(-1) ?? EPOCH, position: events[0]?.position ?? '0', events }
}

function newestFirst(a: Pick<PlacedRequest, 'began' | 'position'>, b: Pick<PlacedRequest, 'began' | 'position'>): number {
  return compareInstants(b.began, a.began) || Number(b.position) - Number(a.position)
}

/** As the history in PostgreSQL counts: more invokes than ends of a family. */
function hasOpenInvoke(events: readonly RecordedEvent[]): boolean {
  const open = new Map<string, number>()
  for (const { head } of events) {
    const kind = componentEventKind(head.event_type)
    if (kind) open.set(kind.family, (open.get(kind.family) ?? 0) + (kind.phase === 'invoke' ? 1 : -1))
  }
  return [...open.values()].some((count) => count > 0)
}

function toRequest({ began, last, position, events }: PlacedRequest): UnfinishedRequest {
  const pairs = new RunPairs()
  const isLong = events.length > MAX_PAIRED_EVENTS
  for (const { head, event } of isLong ? [] : events) {
    const kind = componentEventKind(head.event_type)
    const { event_id, event_type } = head
    if (kind) pairs.add({ event_id, event_type, facts: componentFacts(kind.family, JSON.parse(event)) })
  }
  const started_at = isoMillis(began)
  return {
    cursor: unfinishedCursor({ started_at: `${started_at.slice(0, 19)}.${String(began.micros).padStart(6, '0')}Z`, position }),
    assistant_request_id: events[0]?.head.assistant_request_id ?? '',
    conversation_id: events[0]?.conversation_id ?? '',
    started_at,
    last_event_at: isoMillis(last),
    events: events.length,
    failures: events.filter(({ head, event }) => tellsOfFailure(head, event)).length,
    unfinished: pairs.unfinished().map(unfinishedInvoke),
    ...(isLong ? { truncated: true } : {}),
  }
}

const EPOCH: Instant = { seconds: 0, micros: 0 }

/** The instant of a time that was checked when it came in. */
function instantOf(time: string): Instant {
  return toInstant(time) ?? EPOCH
}

function isWithin(at: Instant, { since, until }: TimeRange): boolean {
  return compareInstants(at, instantOf(since)) >= 0 && compareInstants(at, instantOf(until)) < 0
}

function isoMillis({ seconds, micros }: Instant): string {
  return new Date(seconds * 1000 + Math.floor(micros / 1000)).toISOString()
}

function shownName(name: string | null): string | null {
  return name === null || name.length <= MAX_SHOWN_NAME ? name : [...name].slice(0, MAX_SHOWN_NAME).join('')
}
