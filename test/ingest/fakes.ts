import { handOut } from '../../src/conversation/pending.ts'
import type { Confirmation, HandedOut, PendingHandout } from '../../src/conversation/rpc.ts'
import { lastSeqOf, type Segment } from '../../src/conversation/segment.ts'
import { type DrainReport, drain, forwardNothing, type Outbox } from '../../src/ingest/drain.ts'
import { EventPersistenceError } from '../../src/model/errors.ts'
import type { AppendOutcome, EventHistory, PendingEvents } from '../../src/model/history.ts'
import { InMemoryHistory } from '../../src/store/in-memory/history.ts'
import { batchOf, type SampleEvent, segmentsOf } from '../conversation/samples.ts'

/** A conversation's outbox over segments in memory. */
export class FakeOutbox implements Outbox {
  readonly confirmations: Confirmation[] = []
  readonly limits: number[] = []
  persisted = 0
  readonly #id: string
  readonly #tenant: string
  #segments: Segment[]
  readonly #groups: (readonly SampleEvent[])[]

  constructor(id: string, groups: readonly (readonly SampleEvent[])[], tenant = 't') {
    this.#id = id
    this.#tenant = tenant
    this.#groups = [...groups]
    this.#segments = this.#number()
  }

  /** Records more, as one segment. */
  add(group: readonly SampleEvent[]): void {
    this.#groups.push(group)
    this.#segments = this.#number()
  }

  #number(): Segment[] {
    return segmentsOf(this.#groups.map((group) => batchOf(group.map((event) => ({ ...event, conversation_id: this.#id })))))
  }

  async pending(limitBytes: number, confirmation?: Confirmation, handed?: HandedOut): Promise<PendingHandout | null> {
    this.limits.push(limitBytes)
    if (confirmation) {
      this.confirmations.push(confirmation)
      this.persisted = Math.max(this.persisted, confirmation.through_seq)
    }
    if (limitBytes === 0) return null
    const after = Math.max(this.persisted, handed?.through_seq ?? 0)
    const rest = this.#segments.filter((segment) => lastSeqOf(segment) > after)
    const last = this.#segments.at(-1)
    const log = { epoch: 1, tenant: this.#tenant, conversation_id: this.#id }
    return handOut(rest, log, last ? lastSeqOf(last) : 0, limitBytes)
  }
}

/** An outbox whose object cannot be reached. */
export const brokenOutbox: Outbox = {
  pending: () => Promise.reject(new Error('the object is away')),
}

/** A history that notes what is written to it, and refuses or fails on demand. */
export class FakeHistory extends InMemoryHistory {
  readonly writes: (readonly PendingEvents[])[] = []
  /** Refuses every write that holds such an event. */
  refuses: (eventId: string) => boolean = () => false
  /** Called before every write; what it throws, the write throws. */
  before: (batches: readonly PendingEvents[]) => void = () => undefined

  override async append(batches: readonly PendingEvents[]): Promise<AppendOutcome> {
    this.writes.push(batches)
    this.before(batches)
    if (batches.flatMap(idsOf).some((id) => this.refuses(id))) throw refusal()
    return super.append(batches)
  }
}

export function idsOf(batch: Pick<PendingEvents, 'heads'>): string[] {
  return (JSON.parse(`[${batch.heads}]`) as { event_id: string }[]).map((head) => head.event_id)
}

export function refusal(): EventPersistenceError {
  return new EventPersistenceError('append failed: the text holds what PostgreSQL cannot store', {
    operation: 'append',
    transient: false,
    refusesData: true,
    code: '22P05',
  })
}

export function outage(): EventPersistenceError {
  return new EventPersistenceError('append failed: the database is away', { operation: 'append', transient: true })
}

/** Events with ids `<prefix>1` to `<prefix>n`. */
export function events(prefix: string, count: number, note?: unknown): SampleEvent[] {
  return Array.from({ length: count }, (_, i) => ({ event_id: `${prefix}${i + 1}`, note }))
}

/** Ids of a conversation in the history, in the order of seq. */
export async function stored(history: InMemoryHistory, conversationId: string): Promise<string[]> {
  const { items } = await history.conversationEvents('t', conversationId, { limit: 10_000 })
  return items.map(({ event }) => (JSON.parse(event) as { event_id: string }).event_id)
}

/** Ids of the feed: without what stands in the quarantine. */
export async function fed(history: InMemoryHistory): Promise<string[]> {
  const { items } = await history.feed('t', { order: 'asc', limit: 10_000 })
  return items.map(({ event }) => (JSON.parse(event) as { event_id: string }).event_id)
}

/** Drains outboxes until nothing is left in them. */
export function drainAll(outboxes: readonly Outbox[], history: EventHistory, goOn?: () => boolean): Promise<DrainReport> {
  return drain(
    outboxes.map((outbox) => ({ outbox })),
    { history, forward: forwardNothing },
    goOn,
  )
}
