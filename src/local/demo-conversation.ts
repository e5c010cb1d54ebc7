import { stringifyJson } from '../model/json.ts'
import { sampleRun } from '../model/sample-run.ts'
import { sampleId } from '../model/sample-text.ts'

export interface DemoEvent {
  readonly id: string
  readonly text: string
  readonly requestId: string
  /** Whether the assistant calls a language model next, for which it reads the whole conversation. */
  readonly beforeModelCall: boolean
  /** Where a publish event stands. */
  readonly topic: { readonly name: string; readonly offset: number } | null
  /** Whether the event graph has it as a node. */
  readonly ofTopic: boolean
}

export interface DemoRun {
  readonly requestId: string
  readonly finished: boolean
  readonly events: readonly DemoEvent[]
}

export interface DemoConversation {
  readonly id: string
  readonly runs: readonly DemoRun[]
  readonly events: readonly DemoEvent[]
  readonly bytes: number
}

const MINUTE_MS = 60_000

/** A conversation of a ReAct assistant, of about 40 events a run; the last run does not come to its answer. */
export function sampleConversation(random: () => number, endsAt: Date, runs: number): DemoConversation {
  const id = `demo-${sampleId(random).slice(0, 8)}`
  const played = Array.from({ length: runs }, (_, run): DemoRun => {
    const finished = run < runs - 1
    const startedAt = new Date(endsAt.getTime() - (runs - run) * MINUTE_MS)
    const requestId = sampleId(random)
    const options = { conversationId: id, assistantRequestId: requestId, startedAt, turns: 1, finished, random }
    return { requestId, finished, events: sampleRun(options).map((event) => toDemoEvent(event, requestId)) }
  })
  const events = played.flatMap((run) => run.events)
  return { id, runs: played, events, bytes: events.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) }
}

function toDemoEvent(event: ReturnType<typeof sampleRun>[number], requestId: string): DemoEvent {
  const { event_id: id, event_type, event_context } = event
  const topic =
    event_type === 'PublishToTopic' ? { name: String(event_context.name), offset: Number(event_context.offset) } : null
  return {
    id,
    text: stringifyJson(event),
    requestId,
    beforeModelCall: event_type === 'ToolInvoke' && event_context.type === 'OpenAITool',
    topic,
    ofTopic: topic !== null || event_type === 'ConsumeFromTopic',
  }
}
