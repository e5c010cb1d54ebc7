import pg from 'pg'

interface Mark {
  readonly seq: number
  readonly at: number
}

/** What was acknowledged and is not in Postgres yet, by seqs: those of a conversation go there in order. */
export class Backlog {
  readonly #clock: () => number
  readonly #waiting = new Map<string, { delivered: number; readonly marks: Mark[] }>()
  readonly #delivered = new Map<string, number>()

  /** The ages of what waits are told by this clock, in ms. */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  acknowledged(conversationId: string, seq: number): void {
    const delivered = this.#delivered.get(conversationId) ?? 0
    if (seq <= delivered) return
    const waiting = this.#waiting.get(conversationId) ?? { delivered, marks: [] }
    this.#waiting.set(conversationId, waiting)
    // An older one that is acknowledged later, after its repeat, is younger than what follows it: both count.
    waiting.marks.push({ seq, at: this.#clock() })
  }

  delivered(conversationId: string, seq: number): void {
    this.#delivered.set(conversationId, seq)
    const waiting = this.#waiting.get(conversationId)
    if (!waiting) return
    waiting.delivered = seq
    const left = waiting.marks.filter((mark) => mark.seq > seq)
    waiting.marks.splice(0, waiting.marks.length, ...left)
    if (left.length === 0) this.#waiting.delete(conversationId)
  }

  get conversations(): string[] {
    return [...this.#waiting.keys()]
  }

  get events(): number {
    const of = ({ delivered, marks }: { delivered: number; marks: readonly Mark[] }) =>
      marks.reduce((head, { seq }) => Math.max(head, seq), delivered) - delivered
    return this.#waiting.values().reduce((sum, one) => sum + of(one), 0)
  }

  /** When the oldest of it was acknowledged, by the clock; null when nothing waits. */
  get oldestAt(): number | null {
    const all = this.#waiting.values().flatMap(({ marks }) => marks.map(({ at }) => at))
    return all.reduce<number | null>((oldest, at) => (oldest === null ? at : Math.min(oldest, at)), null)
  }
}

const TENANT = 'default'

/** Asks Postgres itself, past everything that fails on purpose, how far it has the conversations that wait. */
export class DeliveryWatch {
  readonly #backlog: Backlog
  readonly #pool: pg.Pool

  constructor(backlog: Backlog, databaseUrl: string) {
    this.#backlog = backlog
    this.#pool = new pg.Pool({ connectionString: databaseUrl, max: 1, connectionTimeoutMillis: 1_000, query_timeout: 5_000 })
    this.#pool.on('error', () => undefined)
  }

  /** False when Postgres does not answer. */
  async look(): Promise<boolean> {
    const { conversations } = this.#backlog
    if (conversations.length === 0) return true
    try {
      const { rows } = await this.#pool.query<{ conversation_id: string; head_seq: string }>(
        'SELECT conversation_id, head_seq FROM conversations WHERE tenant_id = $1 AND conversation_id = ANY($2)',
        [TENANT, conversations],
      )
      for (const { conversation_id, head_seq } of rows) this.#backlog.delivered(conversation_id, Number(head_seq))
      return true
    } catch {
      return false
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }
}
