import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { conversationObjectName } from '../../../src/conversation/rpc.ts'
import type { RouteContext } from '../../../src/http/context.ts'
import { conversationPages } from '../../../src/http/conversation-pages.ts'
import { conversationsOf } from '../../../src/http/conversations.ts'
import { drain, forwardNothing } from '../../../src/ingest/drain.ts'
import { EventPersistenceError } from '../../../src/model/errors.ts'
import { InMemoryHistory } from '../../../src/store/in-memory/history.ts'
import { batchOf } from '../../conversation/samples.ts'
import type { DrainFault } from './commands.ts'
import type { ModelAnswer, ModelAppend, ModelEvent } from './store-model.ts'

export interface StoredItem {
  readonly seq: number
  readonly event: ModelEvent
}

/** One tenant of the real store: real objects, the real drain, and a history that fails when told to. */
export class RealStore {
  readonly #tenant: string
  readonly #history = new InMemoryHistory()
  readonly #conversations = conversationsOf(
    env.CONVERSATIONS,
    async () => undefined,
    () => undefined,
  )
  readonly #quieted = new Set<string>()
  /** Clearings that the objects of conversations were not told of, Unix ms. */
  readonly #untold = new Map<string, number>()
  #lastRecorded = 0
  #followed: string | undefined
  /** What a reader saw who followed the feed's cursor from the beginning, since the last clearing. */
  seen: ModelEvent[] = []

  constructor(tenant: string) {
    this.#tenant = tenant
  }

  async append(conversation: string, { events, expected_seq, on_conflict }: ModelAppend): Promise<ModelAnswer> {
    await this.#quiet(conversation)
    const batch = batchOf(events.map(({ id, content }) => ({ event_id: id, conversation_id: conversation, note: content })))
    const answer = await this.#stub(conversation).append({
      tenant: this.#tenant,
      ...batch,
      expected_seq,
      on_conflict,
      check_only: false,
      list_fresh: false,
    })
    const stat = await this.#stub(conversation).stat()
    this.#lastRecorded = Math.max(this.#lastRecorded, stat?.last_at ?? 0)
    if (answer.outcome !== 'recorded') return answer
    const { recorded, duplicates, conflicts } = answer
    return { outcome: 'recorded', recorded, duplicates, conflicts }
  }

  async drain(conversations: readonly string[], fault: DrainFault): Promise<void> {
    for (const conversation of fault === 'none' ? conversations : []) {
      const marker = this.#untold.get(conversation)
      if (marker !== undefined) await this.#stub(conversation).clear(marker)
      this.#untold.delete(conversation)
    }
    const history = this.#history
    const append: typeof history.append = async (batches) => {
      if (fault === 'refuses') throw away()
      const outcome = await history.append(batches)
      if (fault === 'loses-the-answer') throw away()
      return outcome
    }
    const targets = conversations.map((conversation) => {
      const stub = this.#stub(conversation)
      const pending: typeof stub.pending = (limit, confirmation, handed) => {
        if (confirmation && fault === 'confirmation-lost') throw new Error('the object died before it was told')
        return stub.pending(limit, confirmation, handed)
      }
      return { outbox: { pending } }
    })
    const faulty = new Proxy(history, { get: (real, name) => (name === 'append' ? append : Reflect.get(real, name, real)) })
    await drain(targets, { history: faulty, forward: forwardNothing })
  }

  async trim(conversation: string): Promise<void> {
    await this.#setRetention(conversation, '0')
    await runDurableObjectAlarm(this.#object(conversation))
    await this.#setRetention(conversation, env.HOT_RETENTION_SECONDS)
  }

  async evict(conversation: string): Promise<void> {
    // One that does not run cannot be evicted.
    await this.#stub(conversation).stat()
    await evictDurableObject(this.#object(conversation))
    this.#quieted.delete(conversation)
    await this.#quiet(conversation)
  }

  /** Pages of `limit` up to the end. */
  async read(conversation: string, limit: number, after: number): Promise<StoredItem[]> {
    const deps = { conversations: this.#conversations, history: this.#history }
    const source = conversationPages({ deps, tenant: this.#tenant } as unknown as RouteContext, conversation)
    const items: StoredItem[] = []
    for (let from: string | null = String(after); from !== null; ) {
      const page = await source({ after: from, limit, format: 'json' })
      const { items: read } = JSON.parse(await new Response(page.body).text()) as { items: WireItem[] }
      items.push(...read.map(({ seq, event }) => ({ seq, event: toModel(event) })))
      from = page.next_cursor
    }
    return items
  }

  /** Goes on from where the follower stands. */
  async follow(limit: number): Promise<void> {
    for (;;) {
      const page = await this.#history.feed(this.#tenant, { after: this.#followed, limit, order: 'asc' })
      this.seen.push(...page.items.map(({ event }) => toModel(JSON.parse(event) as WireItem['event'])))
      this.#followed = page.items.at(-1)?.position ?? this.#followed
      if (!page.more) return
    }
  }

  /** Answers with the conversations that were told: all that the history knew, and the others if so wished. */
  async clear(all: readonly string[], tellUnknown: boolean): Promise<ReadonlySet<string>> {
    const marker = Math.max(Date.now(), this.#lastRecorded)
    const known = await this.#history.clear(this.#tenant, marker)
    const told = new Set(tellUnknown ? all : known)
    for (const conversation of told) await this.#stub(conversation).clear(marker)
    this.#lastRecorded = marker
    // An object that was not told must not record what follows within the same millisecond.
    while (Date.now() <= marker) await scheduler.wait(1)
    this.seen = []
    return told
  }

  /** The history always, and the object if it can be reached; else its notice comes with the next drain that nothing happens to. */
  async clearOne(conversation: string, told: boolean): Promise<void> {
    const marker = Math.max(Date.now(), this.#lastRecorded)
    await this.#history.clearConversations(this.#tenant, [conversation], marker)
    if (told) await this.#stub(conversation).clear(marker)
    else this.#untold.set(conversation, marker)
    this.#lastRecorded = marker
    while (Date.now() <= marker) await scheduler.wait(1)
  }

  #stub(conversation: string) {
    return this.#conversations(this.#tenant, conversation)
  }

  #object(conversation: string) {
    return env.CONVERSATIONS.getByName(conversationObjectName(this.#tenant, conversation))
  }

  /** Keeps the notices of the running object away from the queue: only the commands drain. */
  async #quiet(conversation: string): Promise<void> {
    if (this.#quieted.has(conversation)) return
    this.#quieted.add(conversation)
    await this.#bindings(conversation, (bindings) => {
      bindings.NOTICES = { send: async () => undefined }
    })
  }

  #setRetention(conversation: string, seconds: string | undefined): Promise<void> {
    return this.#bindings(conversation, (bindings) => {
      bindings.HOT_RETENTION_SECONDS = seconds
    })
  }

  /** Each instance has its own copy of the bindings. */
  #bindings(conversation: string, change: (bindings: Record<string, unknown>) => void): Promise<void> {
    return runInDurableObject(this.#object(conversation), (instance) => {
      change((instance as unknown as { env: Record<string, unknown> }).env)
    })
  }
}

interface WireItem {
  readonly seq: number
  readonly event: { readonly event_id: string; readonly data: number | null }
}

const toModel = ({ event_id, data }: WireItem['event']): ModelEvent => ({ id: event_id, content: data ?? 0 })

function away(): EventPersistenceError {
  return new EventPersistenceError('the history is away', { operation: 'append', transient: true })
}
