import type { RecordResult } from '../model/event-store.ts'
import { EventStoreBase, type EventStoreOptions, type PreparedEvent } from '../model/event-store-base.ts'
import { MAX_PAGE_ITEMS } from '../model/limits.ts'
import { readPageTexts } from './page-texts.ts'
import { RequestConversations } from './request-conversations.ts'
import { Service, type ServiceAnswer, type ServiceRequest } from './service.ts'

export interface HttpEventStoreOptions<Custom extends object = never> extends EventStoreOptions<Custom> {
  /** Where the service is, such as `http://127.0.0.1:8787`. */
  readonly url: string
  readonly apiKey?: string | undefined
  /** The tenant whose events `clearEvents` clears, by name against accidents. Default `default`. */
  readonly tenant?: string | undefined
  readonly fetch?: typeof fetch | undefined
}

/**
 * Graphite's event store through the HTTP API. Carries the session by itself, so that it reads what it wrote by every
 * key, however many calls run at once, and names the conversation in reads of requests that it recorded, so that these are answered without Postgres.
 */
export class HttpEventStore<Custom extends object = never> extends EventStoreBase<Custom> {
  readonly #service: Service
  readonly #tenant: string
  readonly #conversations = new RequestConversations()

  constructor(options: HttpEventStoreOptions<Custom>) {
    super(options)
    this.#service = new Service(options)
    this.#tenant = options.tenant ?? 'default'
  }

  protected override async append(events: readonly PreparedEvent[]): Promise<RecordResult> {
    const result = await this.#service.record(`[${events.map((event) => event.text).join(',')}]`)
    for (const { head, conversation_id } of events) this.#conversations.note(head.assistant_request_id, conversation_id)
    return result
  }

  protected override async clear(): Promise<void> {
    const path = `/v1/events?confirm=${encodeURIComponent(this.#tenant)}`
    await this.#service.callClearing({ operation: 'clearEvents', method: 'DELETE', path })
    this.#conversations.forget()
  }

  protected override all(): Promise<string[]> {
    return this.#historyTexts('getEvents', '/v1/events')
  }

  protected override async one(eventId: string): Promise<string | null> {
    const path = `/v1/events/${encodeURIComponent(eventId)}`
    const answer = await this.#service.callHistory({ operation: 'getEvent', method: 'GET', path, expected: [404] })
    if (answer.status === 404) return null
    return readPageTexts(`{"items":[${answer.text}],"next_cursor":null}`).texts[0] ?? null
  }

  protected override ofAssistantRequest(assistantRequestId: string): Promise<string[]> {
    const path = `/v1/assistant-requests/${encodeURIComponent(assistantRequestId)}/events`
    const conversation = this.#conversations.of(assistantRequestId)
    return conversation === null
      ? this.#historyTexts('getAgentEvents', path)
      : this.#conversationTexts('getAgentEvents', conversation, path, { conversation_id: conversation })
  }

  protected override ofConversation(conversationId: string): Promise<string[]> {
    const path = `/v1/conversations/${encodeURIComponent(conversationId)}/events`
    return this.#conversationTexts('getConversationEvents', conversationId, path)
  }

  protected override ofTopic(name: string, offsets: readonly number[]): Promise<string[]> {
    return this.#historyTexts('getTopicEvents', `/v1/topics/${encodeURIComponent(name)}/events`, { offsets: offsets.join(',') })
  }

  #historyTexts(operation: string, path: string, query: Record<string, string> = {}): Promise<string[]> {
    return allTexts((request) => this.#service.callHistory(request), operation, path, query)
  }

  #conversationTexts(
    operation: string,
    conversationId: string,
    path: string,
    query: Record<string, string> = {},
  ): Promise<string[]> {
    return allTexts((request) => this.#service.callConversation(request, conversationId), operation, path, query)
  }
}

async function allTexts(
  call: (request: ServiceRequest) => Promise<ServiceAnswer>,
  operation: string,
  path: string,
  query: Record<string, string>,
): Promise<string[]> {
  const texts: string[] = []
  let after: string | null = null
  do {
    const parameters: URLSearchParams = new URLSearchParams({ ...query, limit: String(MAX_PAGE_ITEMS) })
    if (after !== null) parameters.set('after', after)
    const answer = await call({ operation, method: 'GET', path: `${path}?${parameters}` })
    const page = readPageTexts(answer.text)
    for (const text of page.texts) texts.push(text)
    after = page.next_cursor
  } while (after !== null)
  return texts
}
