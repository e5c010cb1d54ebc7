import { member, text } from '../../../../model/event-context.ts'
import { type EventPayload, payloadItems } from '../../../../model/event-payload.ts'
import type { ComponentFamily } from '../../../../model/event-types.ts'
import type { Span } from './span.ts'

/** What a run of a family is in, nearest first. An assistant may be what a tool calls. */
const PARENTS: Readonly<Record<ComponentFamily, readonly ComponentFamily[]>> = {
  assistant: ['tool'],
  workflow: ['assistant'],
  node: ['workflow', 'assistant'],
  tool: ['node', 'workflow', 'assistant'],
}

/** Runs that are looked at when one is wanted: more of a family are hardly open at once, and each event would cost more. */
const CANDIDATES = 32

/** Runs of one family that are over, to find what was recorded after them though it happened in them. */
const REMEMBERED = 16

/** What a choice is made for: the invoke, or the end that has none. */
export interface Begun {
  readonly family: ComponentFamily
  readonly component: string | null
  /** Unix microseconds. */
  readonly at: number
  /** The event, as parsed from its JSON. */
  readonly raw: unknown
}

interface Run {
  readonly span: Span
  readonly raw: unknown
  messages: ReadonlySet<string> | null
}

/**
 * The runs of one assistant request that can hold others. No event names the run that it happens in (`invoke_id` is the same
 * for all), so it is the open run of the family above; of several, the one that fits best; without one, a run that is over and
 * in whose time it falls.
 */
export class PossibleParents {
  readonly #open: Record<ComponentFamily, OpenRuns> = byFamily(() => new OpenRuns())
  readonly #over: Record<ComponentFamily, Run[]> = byFamily(() => [])
  /** The component in which a component ran when there was no doubt. */
  readonly #owners = new Map<string, string | null>()

  choose(begun: Begun): Span | null {
    for (const family of PARENTS[begun.family]) {
      const candidates = this.#open[family].newest().filter(({ span }) => begun.family !== 'assistant' || !isWithin(span, begun))
      const [only] = candidates
      if (only && candidates.length === 1) {
        this.#owners.set(keyOf(begun), only.span.component)
        return only.span
      }
      const chosen = only ? this.#best(candidates, begun) : this.#over[family].findLast(({ span }) => holds(span, begun.at))
      if (chosen) return chosen.span
    }
    return null
  }

  begin(span: Span, raw: unknown): void {
    this.#open[span.family].add({ span, raw, messages: null })
  }

  end(span: Span): void {
    const run = this.#open[span.family].remove(span)
    if (!run) return
    const over = this.#over[span.family]
    over.push(run)
    if (over.length > REMEMBERED) over.shift()
  }

  /** The newest open run of the outermost family there is. */
  outermost(): Span | null {
    for (const family of ['assistant', 'workflow', 'node', 'tool'] as const) {
      const run = this.#open[family].newest()[0]
      if (run) return run.span
    }
    return null
  }

  /** Each rule leaves those that it speaks for, or all when it speaks for none. Candidates come newest first. */
  #best(candidates: readonly Run[], begun: Begun): Run | undefined {
    const [newest] = candidates
    const owner = this.#owners.get(keyOf(begun))
    const isFree = ({ span }: Run) => span.children.every((child) => child.family !== begun.family)
    let left = narrow(candidates, ({ span }) => span.parent === newest?.span.parent)
    if (begun.family === 'tool') left = narrow(left, bySharedMessages(begun.raw))
    left = narrow(left, ({ span }) => owner !== undefined && span.component === owner)
    const free = left.filter(isFree)
    // Those that began together get what is theirs in the same order.
    return free.at(-1) ?? left[0]
  }
}

/** In the order in which they began; taking one out costs constant time on average. */
class OpenRuns {
  #runs: Run[] = []
  readonly #open = new Map<Span, Run>()

  add(run: Run): void {
    this.#runs.push(run)
    this.#open.set(run.span, run)
  }

  remove(span: Span): Run | undefined {
    const run = this.#open.get(span)
    this.#open.delete(span)
    if (this.#runs.length > 2 * this.#open.size + 8) this.#runs = [...this.#open.values()]
    return run
  }

  newest(): Run[] {
    const found: Run[] = []
    for (let at = this.#runs.length - 1; at >= 0 && found.length < CANDIDATES; at--) {
      const run = this.#runs[at]
      if (run && this.#open.has(run.span)) found.push(run)
    }
    return found
  }
}

function byFamily<T>(make: () => T): Record<ComponentFamily, T> {
  return { assistant: make(), workflow: make(), node: make(), tool: make() }
}

function keyOf({ family, component }: Begun): string {
  return `${family} ${component}`
}

function narrow(runs: readonly Run[], rule: (run: Run) => boolean): readonly Run[] {
  if (runs.length === 1) return runs
  const kept = runs.filter(rule)
  return kept.length > 0 ? kept : runs
}

/** A run that is taken up again after a crash is no part of the one that died. */
function isWithin(span: Span, { component }: Begun): boolean {
  for (let one: Span | null = span; one; one = one.parent) {
    if (one.family === 'assistant' && one.component === component) return true
  }
  return false
}

function holds({ begin, end }: Span, at: number): boolean {
  return begin !== null && end !== null && begin.at <= at && at <= end.at
}

/** A tool takes the messages of its node's input, the last one among them. */
function bySharedMessages(raw: unknown): (run: Run) => boolean {
  const last = inputItems(raw).at(-1)
  const id = text(member(last, 'message_id'))
  return (run) => {
    if (id === null) return false
    run.messages ??= new Set(inputItems(run.raw).flatMap(messageIds))
    return run.messages.has(id)
  }
}

function inputItems(raw: unknown) {
  return payloadItems(member(member(raw, 'data'), 'input_data') as EventPayload)
}

function messageIds(topicEvent: unknown): string[] {
  return payloadItems(member(topicEvent, 'data') as EventPayload)
    .map((message) => text(message.message_id))
    .filter((id) => id !== null)
}
