import type { RecordResult } from '../model/event-store.ts'
import { EventStoreBase, type EventStoreOptions, type PreparedEvent } from '../model/event-store-base.ts'
import { MAX_PAGE_ITEMS } from '../model/limits.ts'
import { SESSION_HEADER } from '../protocol/session.ts'
import { failureOfAnswer, unreachable } from './failure-of-answer.ts'
import { readPageTexts } from './page-texts.ts'
import { RequestConversations } from './request-conversations.ts'

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
 * key, and names the conversation in reads of requests that it recorded, so that these are answered without Postgres.
 */
export class HttpEventStore<Custom extends object = never> extends EventStoreBase<Custom> {
  readonly #url: string
  readonly #apiKey: string | undefined
  readonly #tenant: string
  readonly #fetch: typeof fetch
  readonly #conversations = new RequestConversations()
  #session = ''

  constructor(options: HttpEventStoreOptions<Custom>) {
    super(options)
    this.#url = options.url.replace(/\/+$/, '')
    this.#apiKey = options.apiKey
    this.#tenant = options.tenant ?? 'default'
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init))
  }

  protected override async append(events: readonly PreparedEvent[]): Promise<RecordResult> {
    const answer = await this.#call('recordEvents', 'POST', '/v1/events', `[${events.map((event) => event.text).join(',')}]`)
    for (const { head, conversation_id } of events) this.#conversations.note(head.assistant_request_id, conversation_id)
    return (await answer.json()) as RecordResult
  }

  protected override async clear(): Promise<void> {
    await this.#call('clearEvents', 'DELETE', `/v1/events?confirm=${encodeURIComponent(this.#tenant)}`)
    this.#conversations.forget()
  }

  protected override all(): Promise<string[]> {
    return this.#texts('getEvents', '/v1/events')
  }

  protected override async one(eventId: string): Promise<string | null> {
    const answer = await this.#call('getEvent', 'GET', `/v1/events/${encodeURIComponent(eventId)}`, undefined, [404])
    if (answer.status === 404) return null
    return readPageTexts(`{"items":[${await answer.text()}],"next_cursor":null}`).texts[0] ?? null
  }

  protected override ofAssistantRequest(assistantRequestId: string): Promise<string[]> {
    const conversation = this.#conversations.of(assistantRequestId)
    const query = conversation === null ? {} : { conversation_id: conversation }
    return this.#texts('getAgentEvents', `/v1/assistant-requests/${encodeURIComponent(assistantRequestId)}/events`, query)
  }

  protected override ofConversation(conversationId: string): Promise<string[]> {
    return this.#texts('getConversationEvents', `/v1/conversations/${encodeURIComponent(conversationId)}/events`)
  }

  protected override ofTopic(name: string, offsets: readonly number[]): Promise<string[]> {
    return this.#texts('getTopicEvents', `/v1/topics/${encodeURIComponent(name)}/events`, { offsets: offsets.join(',') })
  }

  async #texts(operation: string, path: string, query: Record<string, string> = {}): Promise<string[]> {
    const texts: string[] = []
    let after: string | null = null
    do {
      const parameters: URLSearchParams = new URLSearchParams({ ...query, limit: String(MAX_PAGE_ITEMS) })
      if (after !== null) parameters.set('after', after)
      const answer = await this.#call(operation, 'GET', `${path}?${parameters}`)
      const page = readPageTexts(await answer.text())
      for (const text of page.texts) texts.push(text)
      after = page.next_cursor
    } while (after !== null)
    return texts
  }

  async #call(operation: string, method: string, path: string, body?: string, expected: number[] = []): Promise<Response> {
    const headers = new Headers()
    if (this.#apiKey !== undefined) headers.set('Authorization', `Bearer ${this.#apiKey}`)
    if (this.#session !== '') headers.set(SESSION_HEADER, this.#session)
    if (body !== undefined) headers.set('Content-Type', 'application/json')
    let answer: Response
    try {
      answer = await this.#fetch(`${this.#url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
    } catch (cause) {
      throw unreachable(operation, cause)
    }
    if (!answer.ok && !expected.includes(answer.status)) throw await failureOfAnswer(operation, answer)
    this.#session = answer.headers.get(SESSION_HEADER) ?? this.#session
    return answer
  }
}
