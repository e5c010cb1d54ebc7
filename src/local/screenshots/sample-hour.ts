import { parseJson, stringifyJson } from '../../model/json.ts'
import { seededRandom } from '../../model/sample-text.ts'
import { type DemoEvent, sampleConversation } from '../demo-conversation.ts'

export interface SampleConversation {
  readonly id: string
  readonly texts: readonly string[]
}

const MINUTE_MS = 60_000

/** Conversations of the demo that end so many minutes ago, with so many runs; the last one is the one to be shown. */
const PLAN = [
  { ago: 54, runs: 3, ends: 'finished' },
  { ago: 50, runs: 6, ends: 'finished' },
  { ago: 49, runs: 4, ends: 'finished' },
  { ago: 48, runs: 2, ends: 'finished' },
  { ago: 42, runs: 4, ends: 'finished' },
  { ago: 36, runs: 7, ends: 'finished' },
  { ago: 35, runs: 5, ends: 'failed' },
  { ago: 34, runs: 3, ends: 'finished' },
  { ago: 27, runs: 6, ends: 'finished' },
  { ago: 25, runs: 3, ends: 'finished' },
  { ago: 20, runs: 3, ends: 'unfinished' },
  { ago: 16, runs: 5, ends: 'finished' },
  { ago: 14, runs: 7, ends: 'finished' },
  { ago: 13, runs: 3, ends: 'finished' },
  { ago: 8, runs: 4, ends: 'finished' },
  { ago: 3, runs: 5, ends: 'finished' },
  { ago: 2, runs: 3, ends: 'finished' },
  { ago: 0.2, runs: 3, ends: 'failed' },
] as const

/** An hour of an assistant's work, always the same but for the time. */
export function sampleHour(now: Date): readonly SampleConversation[] {
  return PLAN.map(({ ago, runs, ends }, index) => {
    const random = seededRandom(index + 1)
    // The demo's last run has no end: it is what fails, or what is left out.
    const whole = sampleConversation(random, new Date(now.getTime() - ago * MINUTE_MS), ends === 'finished' ? runs + 1 : runs)
    const played = ends === 'finished' ? whole.runs.slice(0, -1) : whole.runs
    const events = played.flatMap((run) => run.events)
    return { id: whole.id, texts: ends === 'failed' ? failing(events) : events.map(({ text }) => text) }
  })
}

const ERROR = 'TimeoutError: the search service did not answer within 3 seconds'

/** How long the failing tool waits, in milliseconds. */
const TIMEOUT_MS = 3_000

interface Invoke {
  readonly event_id: string
  readonly event_type: string
  readonly event_context: { readonly name?: string }
  readonly timestamp: string
  readonly data: object
}

/** Cut off where the last search begins, which fails, and with it all that it runs in. */
function failing(events: readonly DemoEvent[]): string[] {
  const parsed = events.map(({ text }) => parseJson(text) as unknown as Invoke)
  const cut = parsed.findLastIndex((event) => event.event_type === 'ToolInvoke' && event.event_context.name === 'SearchTool')
  const kept = parsed.slice(0, cut + 1)
  const began = Date.parse(kept.at(-1)?.timestamp ?? '')
  const ends = ['Tool', 'Node', 'Workflow', 'Assistant'].flatMap((family, index) => {
    const invoke = kept.findLast(({ event_type }) => event_type === `${family}Invoke`)
    if (!invoke) return []
    const failed = {
      ...invoke,
      event_id: `${invoke.event_id}-failed`,
      event_type: `${family}Failed`,
      timestamp: new Date(began + TIMEOUT_MS + index * 2).toISOString(),
      data: { ...invoke.data, error: ERROR },
    }
    return [stringifyJson(failed)]
  })
  return [...events.slice(0, cut + 1).map(({ text }) => text), ...ends]
}
