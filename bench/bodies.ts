import { stringifyJson } from '../src/model/json.ts'
import { sampleRun } from '../src/model/sample-run.ts'
import { seededRandom } from '../src/model/sample-text.ts'

/** Texts of the same length stand for what differs between requests, so that a body is rendered once and then only patched. */
const EVENT_ID = 'e'.repeat(32)
const CONVERSATION_ID = 'c'.repeat(32)

export type EventSize = 'least' | 'small' | 'sample'

/** A request's body. `fill` gives its events new ids and the conversation that they belong to; the bytes are reused. */
export interface Body {
  readonly bytes: Buffer
  readonly events: number
  fill(conversation: string): void
}

let nextEvent = Date.now() * 1_000

/** `least`: events with nothing but what they must have. `small`: of 1.2 KB. `sample`: those of one assistant's run, 3.6 KB on average. */
export function renderBody(size: EventSize, events: number, from = 0): Body {
  const texts = TEXTS[size]
  const chosen = Array.from({ length: events }, (_, i) => texts[(from + i) % texts.length] as string)
  const bytes = Buffer.from(events === 1 ? (chosen[0] as string) : `[${chosen.join(',')}]`)
  const ids = placesOf(bytes, EVENT_ID)
  const conversations = placesOf(bytes, CONVERSATION_ID)
  return {
    bytes,
    events,
    fill(conversation) {
      // With a letter: some take text of digits alone for a number.
      for (const place of ids) bytes.write(`e${String(nextEvent++).padStart(EVENT_ID.length - 1, '0')}`, place, 'latin1')
      for (const place of conversations) bytes.write(conversation, place, 'latin1')
    },
  }
}

/** An id as long as the place that it is written to. */
export function conversationId(name: string): string {
  return name.padEnd(CONVERSATION_ID.length, '-')
}

/** Picks numbers below `count`, low ones more often: the n-th about 1/n as often as the first. */
export function zipf(count: number, random: () => number): () => number {
  const sums: number[] = []
  for (let i = 1; i <= count; i++) sums.push((sums.at(-1) ?? 0) + 1 / i)
  const total = sums.at(-1) ?? 1
  return () => {
    const wanted = random() * total
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] as number) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}

function placesOf(bytes: Buffer, text: string): number[] {
  const places: number[] = []
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + text.length)) places.push(at)
  return places
}

/** Only the event's own id is to be new; the ids of events inside it may repeat. */
const SAMPLE = sampleRun({
  conversationId: CONVERSATION_ID,
  startedAt: new Date(),
  turns: 1,
  random: seededRandom(1),
}).map((event) => stringifyJson({ ...event, event_id: EVENT_ID }))

const LEAST = stringifyJson({
  event_id: EVENT_ID,
  assistant_request_id: 'request',
  event_type: 'ToolInvoke',
  timestamp: new Date().toISOString(),
  event_context: { invoke_context: { conversation_id: CONVERSATION_ID } },
  data: { input_data: [] },
})

const TEXTS: Readonly<Record<EventSize, readonly string[]>> = { least: [LEAST], small: [smallEvent(1_200)], sample: SAMPLE }

function smallEvent(bytes: number): string {
  const render = (content: string) =>
    stringifyJson({
      event_id: EVENT_ID,
      event_version: '1.0',
      // One request a conversation, of the same id: the events are found by either.
      assistant_request_id: CONVERSATION_ID,
      event_type: 'ToolInvoke',
      timestamp: new Date().toISOString().replace('Z', '102+00:00'),
      event_context: {
        id: 'd'.repeat(32),
        name: 'WebSearchTool',
        type: 'WebSearchTool',
        invoke_context: {
          conversation_id: CONVERSATION_ID,
          invoke_id: 'f'.repeat(32),
          assistant_request_id: CONVERSATION_ID,
          user_id: '',
          kwargs: {},
        },
      },
      data: { input_data: [{ role: 'user', message_id: 'b'.repeat(32), timestamp: 1756377611078069123n, content }] },
    })
  return render('a word '.repeat(bytes).slice(0, bytes - render('').length))
}
