import type { RecordResult } from '../../model/event-store.ts'
import type { PreparedEvent } from '../../model/event-store-base.ts'
import { hasConditions, type RecordOptions } from '../options.ts'
import type { WaitingCall } from './plan-batch.ts'

/** One call from its beginning until it is known what became of it. */
export class BufferedCall implements WaitingCall {
  readonly events: readonly PreparedEvent[]
  readonly options: RecordOptions
  readonly conversations: ReadonlySet<string>
  readonly eventIds: readonly string[]
  readonly bytes: number
  readonly alone: boolean
  dueAt: number
  /** Why it failed, once it has. */
  failure: { readonly thrown: unknown } | null = null
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
