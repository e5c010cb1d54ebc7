/** An event as the commands make it: ids repeat on purpose, and so does an id with another content. */
export interface ModelEvent {
  readonly id: string
  readonly content: number
}

export interface ModelAppend {
  readonly events: readonly ModelEvent[]
  readonly expected_seq?: number | undefined
  readonly on_conflict: 'report' | 'reject'
}

export type ModelAnswer =
  | {
      readonly outcome: 'recorded'
      readonly recorded: number
      readonly duplicates: number
      readonly conflicts: readonly string[]
    }
  | { readonly outcome: 'conflict'; readonly conflicts: readonly string[] }
  | { readonly outcome: 'wrong-expected-seq'; readonly expected_seq: number; readonly head_seq: number }

interface ModelConversation {
  /** What stands at seq `floor + 1`, `floor + 2`, ... */
  events: ModelEvent[]
  /** Cleared and never used again while the conversation goes on. */
  floor: number
  /** As far as the history has its events, by the last drain that wrote. */
  written: number
  /** Cleared in the history, while its object has not been told: as far as this seq. */
  doomed: number
}

/** What the store promises, in the plainest words: the log of each conversation, and the history of a tenant. */
export class StoreModel {
  readonly #conversations = new Map<string, ModelConversation>()
  /** Conversation and event by event id: what the tenant's history holds, in the order of the feed. */
  history = new Map<string, { readonly conversation: string; readonly event: ModelEvent }>()
  /** Ids that another conversation had first, by conversation: set aside, and still in their places there. */
  aside = new Set<string>()

  of(conversation: string): ModelConversation {
    const known = this.#conversations.get(conversation) ?? { events: [], floor: 0, written: 0, doomed: 0 }
    this.#conversations.set(conversation, known)
    return known
  }

  get conversations(): string[] {
    return [...this.#conversations.keys()]
  }

  head(conversation: string): number {
    const { events, floor } = this.of(conversation)
    return events.length === 0 ? 0 : floor + events.length
  }

  append(conversation: string, { events, expected_seq, on_conflict }: ModelAppend): ModelAnswer {
    const log = this.of(conversation)
    const head_seq = this.head(conversation)
    const after = [...log.events]
    const conflicts: string[] = []
    let duplicates = 0
    for (const event of events) {
      const stored = after.find(({ id }) => id === event.id)
      if (!stored) after.push(event)
      else if (stored.content === event.content) duplicates += 1
      else conflicts.push(event.id)
    }
    const recorded = after.length - log.events.length
    if (on_conflict === 'reject' && conflicts.length > 0) return { outcome: 'conflict', conflicts }
    const isRepeat = recorded === 0 && conflicts.length === 0
    if (expected_seq !== undefined && expected_seq !== head_seq && !isRepeat)
      return { outcome: 'wrong-expected-seq', expected_seq, head_seq }
    if (head_seq === 0) log.floor = 0
    log.events = after
    return { outcome: 'recorded', recorded, duplicates, conflicts }
  }

  /** What a drain does in the history, whether or not the object is told. */
  write(conversation: string): void {
    const log = this.of(conversation)
    log.events.forEach((event, i) => {
      const seq = log.floor + i + 1
      if (seq <= log.written || seq <= log.doomed) return
      const first = this.history.get(event.id)
      if (!first) this.history.set(event.id, { conversation, event })
      else if (first.conversation !== conversation) this.aside.add(`${conversation}/${seq}`)
    })
    log.written = this.head(conversation)
  }

  /** The object is told of what was written, and of a clearing it did not know. */
  confirm(conversation: string): void {
    const log = this.of(conversation)
    if (log.doomed > 0) this.#forget(log, log.doomed)
  }

  clear(told: (conversation: string) => boolean): void {
    this.history.clear()
    this.aside.clear()
    for (const [name, log] of this.#conversations) {
      if (told(name)) this.#forget(log, log.floor + log.events.length)
      else log.doomed = this.head(name)
    }
  }

  clearOne(conversation: string, told: boolean): void {
    for (const [id, first] of this.history) if (first.conversation === conversation) this.history.delete(id)
    for (const place of this.aside) if (place.startsWith(`${conversation}/`)) this.aside.delete(place)
    const log = this.of(conversation)
    if (told) this.#forget(log, log.floor + log.events.length)
    else log.doomed = this.head(conversation)
  }

  #forget(log: ModelConversation, through: number): void {
    log.events = log.events.slice(Math.max(through - log.floor, 0))
    log.floor = Math.max(through, log.floor)
    log.doomed = 0
    if (log.events.length === 0) log.written = 0
  }
}
