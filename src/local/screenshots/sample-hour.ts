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
  { ago: 52, runs: 3, ends: 'finished' },
  { ago: 47, runs: 2, ends: 'finished' },
  { ago: 41, runs: 5, ends: 'finished' },
  { ago: 33, runs: 4, ends: 'failed' },
  { ago: 28, runs: 2, ends: 'finished' },
  { ago: 21, runs: 6, ends: 'finished' },
  { ago: 15, runs: 3, ends: 'unfinished' },
  { ago: 9, runs: 5, ends: 'finished' },
  { ago: 4, runs: 4, ends: 'finished' },
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
    return { id: whole.id, texts: [...events.map(({ text }) => text), ...(ends === 'failed' ? failureOf(events) : [])] }
  })
}

const ERROR = 'TimeoutError: the search service did not answer within 3 seconds'

/** How long the failing tool waits, in milliseconds. */
const TIMEOUT_MS = 3_000

interface Invoke {
  readonly event_id: string
  readonly event_type: string
  readonly timestamp: string
  readonly data: object
}

/** The ends of a run whose last tool fails, and with it all that it runs in. */
function failureOf(events: readonly DemoEvent[]): string[] {
  const parsed = events.map(({ text }) => parseJson(text) as unknown as Invoke)
  const open = (type: string) => parsed.findLast(({ event_type }) => event_type === type)
  const last = Date.parse(parsed.at(-1)?.timestamp ?? '')
  return ['Tool', 'Node', 'Workflow', 'Assistant'].flatMap((family, index) => {
    const invoke = open(`${family}Invoke`)
    if (!invoke) return []
    const failed = {
      ...invoke,
      event_id: `${invoke.event_id.slice(0, -1)}${index}`,
      event_type: `${family}Failed`,
      timestamp: new Date(last + TIMEOUT_MS + index * 2).toISOString(),
      data: { ...invoke.data, error: ERROR },
    }
    return [stringifyJson(failed)]
  })
}
