import { componentFacts } from './component-facts.ts'
import { member, text } from './event-context.ts'
import { type ComponentFamily, componentEventKind } from './event-types.ts'
import { type RunEvent, RunPairs } from './run-pairs.ts'
import { type Instant, microsBetween, toInstant } from './timestamp.ts'

/** How long the finished runs of a family's components took, in milliseconds with three digits after the point. */
export interface FamilyDurations {
  readonly count: number
  readonly total_ms: number
  /** Null when none was finished, as are `max_ms` and `mean_ms`. */
  readonly min_ms: number | null
  readonly max_ms: number | null
  readonly mean_ms: number | null
}

/** An invoke without a respond or failed event: what a recovering assistant has to take up again. */
export interface UnfinishedInvoke {
  readonly event_id: string
  readonly event_type: string
  readonly name: string | null
  readonly type: string | null
  /** As the event has it. */
  readonly timestamp: string
}

export interface RequestSummary {
  /** `AssistantInvoke` events. */
  readonly total_requests: number
  /** `AssistantRespond` events. */
  readonly successful_responses: number
  /** `AssistantFailed` events. */
  readonly failures: number
  /** Responses per request, from 0 to 1; 0 when there was no request. */
  readonly success_rate: number
  readonly durations: Readonly<Record<ComponentFamily, FamilyDurations>>
  /** In the order of recording. */
  readonly unfinished: readonly UnfinishedInvoke[]
}

export interface RequestSummaryBuilder {
  /** Takes the next recorded event, as parsed from its JSON. Events that are no component events are passed over. */
  add(event: unknown): void
  finish(): RequestSummary
}

interface TimedEvent extends RunEvent {
  readonly at: Instant | null
}

interface Tally {
  count: number
  total: number
  min: number
  max: number
}

/**
 * Sums up the events of an assistant request, fed event by event in the order of recording.
 *
 * What ends what is for `RunPairs` to say. An end without an invoke counts in the totals and has no duration.
 */
export function requestSummaryBuilder(): RequestSummaryBuilder {
  const counts = { invoke: 0, respond: 0, failed: 0 }
  const pairs = new RunPairs<TimedEvent>()
  const tallies: Record<ComponentFamily, Tally> = {
    assistant: emptyTally(),
    workflow: emptyTally(),
    node: emptyTally(),
    tool: emptyTally(),
  }

  return {
    add(event) {
      const event_type = text(member(event, 'event_type')) ?? ''
      const kind = componentEventKind(event_type)
      if (!kind) return
      if (kind.family === 'assistant') counts[kind.phase]++
      const facts = componentFacts(kind.family, event)
      const event_id = text(member(event, 'event_id')) ?? ''
      const at = facts.timestamp === null ? null : toInstant(facts.timestamp)
      const begun = pairs.add({ event_id, event_type, facts, at })
      if (begun?.at && at) count(tallies[kind.family], microsBetween(begun.at, at))
    },
    finish() {
      return {
        total_requests: counts.invoke,
        successful_responses: counts.respond,
        failures: counts.failed,
        success_rate: counts.invoke === 0 ? 0 : counts.respond / counts.invoke,
        durations: {
          assistant: toDurations(tallies.assistant),
          workflow: toDurations(tallies.workflow),
          node: toDurations(tallies.node),
          tool: toDurations(tallies.tool),
        },
        unfinished: pairs.unfinished().map(unfinishedInvoke),
      }
    },
  }
}

/** The summary of a list of events in the order of recording; see `requestSummaryBuilder`. */
export function requestSummary(events: Iterable<unknown>): RequestSummary {
  const builder = requestSummaryBuilder()
  for (const event of events) builder.add(event)
  return builder.finish()
}

/** An invoke as the summary lists it. */
export function unfinishedInvoke({ event_id, event_type, facts }: RunEvent): UnfinishedInvoke {
  return { event_id, event_type, name: facts.name, type: facts.type, timestamp: facts.timestamp ?? '' }
}

function emptyTally(): Tally {
  return { count: 0, total: 0, min: Number.POSITIVE_INFINITY, max: 0 }
}

function count(tally: Tally, micros: number): void {
  // Begin and end may come from two machines, whose clocks differ.
  const duration = Math.max(0, micros)
  tally.count++
  tally.total += duration
  tally.min = Math.min(tally.min, duration)
  tally.max = Math.max(tally.max, duration)
}

function toDurations({ count, total, min, max }: Tally): FamilyDurations {
  if (count === 0) return { count, total_ms: 0, min_ms: null, max_ms: null, mean_ms: null }
  return { count, total_ms: total / 1000, min_ms: min / 1000, max_ms: max / 1000, mean_ms: Math.round(total / count) / 1000 }
}
