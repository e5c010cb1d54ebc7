import { stringifyJson } from '../../src/model/json.ts'
import { sampleRun } from '../../src/model/sample-run.ts'

type Event = ReturnType<typeof sampleRun>[number]

export interface SampleOptions {
  readonly id: string
  /** When the first request began. */
  readonly startedAt: Date
  readonly requests: number
  /** Between the beginnings of two requests. */
  readonly everyMs: number
  readonly turns?: number
  /** How the last request ends. */
  readonly last?: 'finished' | 'failed' | 'unfinished'
  readonly seed?: number
}

/** The JSON texts of a conversation's events, as a ReAct assistant would record them. */
export function sampleConversationTexts(options: SampleOptions): string[] {
  const { id, startedAt, requests, everyMs, turns = 1, last = 'finished', seed = 7 } = options
  const random = seeded(seed)
  return Array.from({ length: requests }, (_, index) => {
    const ending = index === requests - 1 ? last : 'finished'
    const events = sampleRun({
      ...{ conversationId: id, startedAt: new Date(startedAt.getTime() + index * everyMs), turns, random },
      finished: ending === 'finished',
    })
    return ending === 'failed' ? failing(events) : events
  })
    .flat()
    .map((event) => stringifyJson(event))
}

const ERROR = 'TimeoutError: the search service did not answer within 30 seconds (attempt 3 of 3)'

/** Cut off at the last tool that is called, which fails, and with it all that it runs in. */
function failing(events: readonly Event[]): unknown[] {
  const at = events.findLastIndex((event) => event.event_type === 'ToolInvoke')
  const kept = events.slice(0, at + 1)
  const end = Date.parse(kept.at(-1)?.timestamp ?? '')
  const failed = (['Tool', 'Node', 'Workflow', 'Assistant'] as const).map((family, index) => {
    const invoke = kept.findLast((event) => event.event_type === `${family}Invoke`)
    return {
      ...invoke,
      event_id: `${invoke?.event_id}-failed`,
      event_type: `${family}Failed`,
      timestamp: new Date(end + 30_000 + index).toISOString(),
      data: { ...(invoke?.data as object), error: ERROR, error_details: { status: 504, attempts: 3 } },
    }
  })
  return [...kept, ...failed]
}

/** Small numbers from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Records events in batches, in their order. */
export async function record(url: string, texts: readonly string[], batch = 1000): Promise<void> {
  for (let from = 0; from < texts.length; from += batch) {
    const body = `[${texts.slice(from, from + batch).join(',')}]`
    const answer = await fetch(`${url}/v1/events`, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
    if (!answer.ok) throw new Error(`recording answered ${answer.status}: ${await answer.text()}`)
  }
}
