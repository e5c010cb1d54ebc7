import type { RecordResult } from '../../model/event-store.ts'
import type { PreparedEvent } from '../../model/event-store-base.ts'
import { hasConditions, type RecordOptions } from '../options.ts'
import type { WaitingCall } from './plan-batch.ts'

/** What an event and a call take in memory beside the event's text, in bytes: as measured on V8. */
const EVENT_OVERHEAD = 256
const CALL_OVERHEAD = 2_048

/** What a call with these events takes in memory, about, in bytes. */
export function memoryOf(events: readonly PreparedEvent[]): number {
  return events.reduce((sum, { bytes }) => sum + bytes + EVENT_OVERHEAD, CALL_OVERHEAD)
}

/** One call from its beginning until it is known what became of it. */
export class BufferedCall implements WaitingCall {
  readonly events: readonly PreparedEvent[]
  readonly options: RecordOptions
  readonly conversations: ReadonlySet<string>
  readonly eventIds: readonly string[]
  readonly bytes: number
  /** Of memory, about. */
  readonly memory: number
  readonly alone: boolean
  dueAt: number
  readonly result: Promise<RecordResult>
  /** Never rejects. */
  readonly settled: Promise<void>
  resolve!: (result: RecordResult) => void
  reject!: (thrown: unknown) => void
  settle!: () => void

  constructor(events: readonly PreparedEvent[], options: RecordOptions, dueAt: number) {
    this.events = events
    this.options = options
    this.conversations = new Set(events.map((event) => event.conversation_id))
    this.eventIds = events.map(({ head }) => head.event_id)
    this.bytes = events.reduce((sum, { bytes }) => sum + bytes, 0)
    this.memory = memoryOf(events)
    this.alone = options.ack === 'persisted' || hasConditions(options)
    this.dueAt = dueAt
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    this.settled = new Promise((settle) => {
      this.settle = settle
    })
  }
}
