import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env, waitUntil } from 'cloudflare:workers'
import { ConversationObject } from '../../src/conversation/conversation-object.ts'
import {
  type AppendAnswer,
  type AppendRequest,
  conversationObjectName,
  type Notice,
  type ReadRequest,
} from '../../src/conversation/rpc.ts'
import type { ConversationBatch } from '../../src/http/conversation-batches.ts'
import { type ConversationStub, conversationsOf } from '../../src/http/conversations.ts'
import { batchOf, batchOfTexts, type SampleEvent } from '../conversation/samples.ts'

export const TENANT = 'default'

export interface ReadPage {
  readonly items: readonly { readonly seq: number; readonly event: { readonly event_id: string } }[]
  readonly next_cursor: string | null
}

/** Notices of an object that were kept from the queue, whether it sent them itself or asked for them with an answer. */
export interface SentNotices {
  count: number
  /** Makes the queue fail. */
  broken: boolean
}

const quieted = new WeakMap<ConversationObject, SentNotices>()

const { append } = ConversationObject.prototype
ConversationObject.prototype.append = function (request) {
  const answer = append.call(this, request)
  const sent = quieted.get(this)
  if (!sent || answer.outcome !== 'recorded' || !answer.notice) return answer
  sent.count += 1
  const { notice: _kept, ...others } = answer
  return others
}

/** A conversation's object as the Worker calls it, and what only a test may do to it. */
export class Conversation {
  readonly id: string
  readonly rpc: ConversationStub

  constructor(id: string = crypto.randomUUID()) {
    this.id = id
    const send = (notice: Notice) => waitUntil(env.NOTICES.send(notice))
    this.rpc = conversationsOf(env.CONVERSATIONS, async () => undefined, send)(TENANT, id)
  }

  get object() {
    return env.CONVERSATIONS.getByName(conversationObjectName(TENANT, this.id))
  }

  /** Keeps the notices of the running object away from the queue, so that nobody drains it in the background. */
  quiet(): Promise<SentNotices> {
    const sent = { count: 0, broken: false }
    const send = async () => {
      sent.count += 1
      if (sent.broken) throw new Error('the queue is away')
    }
    return this.inside((instance, _, bindings) => {
      bindings.NOTICES = { send }
      quieted.set(instance, sent)
      return sent
    })
  }

  /** What the object reads from its bindings; each instance has its own copy. */
  inside<R>(
    callback: (instance: ConversationObject, state: DurableObjectState, bindings: Record<string, unknown>) => R | Promise<R>,
  ): Promise<R> {
    return runInDurableObject(this.object, (instance, state) => {
      const { env: bindings } = instance as unknown as { env: Record<string, unknown> }
      return callback(instance, state, bindings)
    })
  }

  append(events: readonly SampleEvent[], options: Partial<AppendRequest> = {}): Promise<AppendAnswer> {
    return this.rpc.append(this.request(batchOf(events.map((event) => ({ ...event, conversation_id: this.id }))), options))
  }

  appendTexts(texts: readonly string[]): Promise<AppendAnswer> {
    return this.rpc.append(this.request(batchOfTexts(texts)))
  }

  request(batch: ConversationBatch, options: Partial<AppendRequest> = {}): AppendRequest {
    return {
      tenant: TENANT,
      ...batch,
      conversation_id: this.id,
      on_conflict: 'report',
      check_only: false,
      list_fresh: false,
      ...options,
    }
  }

  /** Records events of these ids. */
  record(...ids: string[]): Promise<AppendAnswer> {
    return this.append(ids.map((event_id) => ({ event_id })))
  }

  async read(options: Partial<ReadRequest> = {}): Promise<ReadPage & { readonly text: string; readonly tag: string }> {
    const request = { after: 0, limit: 1000, format: 'json' as const, max_bytes: 1e8, part: false, ...options }
    const answer = await this.rpc.read(request)
    if (answer.outcome !== 'page') throw new Error(`the answer is ${answer.outcome}, not a page`)
    const text = await new Response(answer.body).text()
    return { ...(JSON.parse(text) as ReadPage), text, tag: answer.tag }
  }

  async ids(options: Partial<ReadRequest> = {}): Promise<string[]> {
    return (await this.read(options)).items.map(({ event }) => event.event_id)
  }

  /** Confirms what is pending, up to a seq if one is given, as the drain does. */
  async confirm(throughSeq?: number): Promise<void> {
    const handout = await this.rpc.pending(1e9)
    if (!handout) return
    const { epoch, through_seq } = handout
    await this.rpc.pending(0, { epoch, through_seq: throughSeq ?? through_seq, cleared_through: null })
  }

  /** Confirms everything and lets the object trim its log. */
  async trim(): Promise<void> {
    await this.confirm()
    await this.inside((_, __, bindings) => {
      bindings.HOT_RETENTION_SECONDS = '0'
    })
    await runDurableObjectAlarm(this.object)
    await this.inside((_, __, bindings) => {
      bindings.HOT_RETENTION_SECONDS = env.HOT_RETENTION_SECONDS
    })
  }
}

export const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
