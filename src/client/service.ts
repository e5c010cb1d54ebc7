import { abortable } from '../model/abortable.ts'
import { member } from '../model/event-context.ts'
import { startTimer, type Timing, within } from '../model/timers.ts'
import { SESSION_HEADER } from '../protocol/session.ts'
import { Exchange, type ExchangeOptions } from './exchange.ts'
import { understand } from './failure.ts'
import { type RecordAnswer, readRecordAnswer } from './record-answer.ts'
import { type SentSession, SessionCarrier } from './session-carrier.ts'
import { type Query, withQuery } from './with-query.ts'

export interface ServiceRequest {
  /** The store's operation, for errors. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** As of an `ExchangeRequest`. */
  readonly isStream?: boolean
  /** Statuses outside 2xx that are an answer too. */
  readonly expected?: readonly number[]
  readonly signal?: AbortSignal | undefined
}

export interface ServiceAnswer {
  readonly status: number
  readonly text: string
  readonly body?: ReadableStream<Uint8Array> | null
}

/** The cheapest request that makes the service bring what the session names to the history. */
const BRING_PATH = '/v1/conversations?limit=1'

/** Conversations carried before some are brought to the history unasked, so that the next read need not do it all: three headers full. */
const RELIEVE_ABOVE = 256

/** A recording waits no longer for what it brings to the history beside itself. */
const RELIEF_MS = 1_000

/**
 * A read waits no longer for one other to bring its writes. A Worker's request may be the other one, and with it ends
 * what it has under way: nobody who waits for that is told.
 */
const PATIENCE_MS = 5_000

/** The HTTP API as one client calls it. Carries the session, so that reads of the history hold what this client wrote. */
export class Service {
  readonly exchange: Exchange
  readonly #session = new SessionCarrier()
  /** The one request that brings writes to the history now. */
  #bringing: Promise<void> | null = null
  #relieveAbove = RELIEVE_ABOVE

  constructor(options: ExchangeOptions, timing?: Timing) {
    this.exchange = new Exchange(options, timing)
  }

  /** Records a JSON array of events. Names no writes before, of which the service could only say again what it was told. */
  async record(body: string, query: Query, signal: AbortSignal | undefined): Promise<RecordAnswer> {
    const path = withQuery('/v1/events', query)
    const request = { operation: 'recordEvents', method: 'POST', path, body, signal } as const
    const [answer] = await Promise.all([this.#exchange(request, this.#session.send()), this.#relieve()])
    const result = understand(request.operation, answer.text, readRecordAnswer)
    // The answer's session leaves out what does not fit its header, and that may not be in the history yet.
    for (const { conversation_id, last_seq } of result.conversations) this.#session.note(conversation_id, last_seq)
    return result
  }

  /** For what is about one conversation alone. Names the write there, so that no cached page hides it. */
  callConversation(request: ServiceRequest, conversationId: string): Promise<ServiceAnswer> {
    return this.#exchange(request, this.#session.send(this.#session.writtenTo(conversationId)))
  }

  /**
   * For what has to see every write that was answered before this call, in whichever conversation. One request at a
   * time brings writes to the history: the call itself when it can, a cheap read when they do not fit its header or it
   * waited in vain for another. Calls that run at once so share the work.
   */
  async callHistory(request: ServiceRequest): Promise<ServiceAnswer> {
    let before = this.#session.written()
    let waited = false
    while (before.size > 0) {
      const sent = this.#session.send(before)
      const others = this.#bringing
      if (others) {
        waited = true
        await abortable(
          within(others, PATIENCE_MS, () => {}),
          request.signal,
        )
        // One of those who waited in vain brings now, the others wait for that one.
        this.#forgetBringing(others)
      } else if (sent.written.size === before.size && !waited) {
        const answer = this.#exchange(request, sent)
        // Why this call fails is its own business; who waited brings the writes then.
        this.#bringWith(answer.catch(() => undefined))
        return answer
      } else {
        // Without the call's signal: others wait for it, too.
        await abortable(this.#bring(request.operation, sent), request.signal)
        for (const conversationId of sent.written.keys()) before.delete(conversationId)
      }
      before = this.#session.stillCarried(before)
    }
    return this.#exchange(request, this.#session.send())
  }

  /** For a request after which nothing of what was written before it is there, or nothing of one conversation; gives its answer's count. */
  async callClearing(request: ServiceRequest, conversationId: string | null): Promise<number> {
    const before = conversationId === null ? this.#session.written() : this.#session.writtenTo(conversationId)
    const { text } = await (conversationId === null ? this.callHistory(request) : this.callConversation(request, conversationId))
    const count = understand(request.operation, text, (answer) =>
      readCount(answer, conversationId === null ? 'cleared_conversations' : 'removed_events'),
    )
    this.#session.forget(before)
    return count
  }

  #bring(operation: string, sent: SentSession): Promise<void> {
    return this.#bringWith(this.#exchange({ operation, method: 'GET', path: BRING_PATH }, sent))
  }

  #bringWith(work: Promise<unknown>): Promise<void> {
    const bringing = work.then(() => {}).finally(() => this.#forgetBringing(bringing))
    this.#bringing = bringing
    return bringing
  }

  #forgetBringing(bringing: Promise<void>): void {
    if (this.#bringing === bringing) this.#bringing = null
  }

  /**
   * A client that writes to ever new conversations and never reads the history must not carry them all. Never rejects.
   * It is waited for, because in a Worker nothing goes on that no request waits for.
   */
  async #relieve(): Promise<void> {
    if (this.#session.size <= this.#relieveAbove) return
    // While the history is away writes go on, and what they wrote stays carried.
    this.#relieveAbove = this.#session.size + RELIEVE_ABOVE
    const controller = new AbortController()
    const timer = startTimer(() => controller.abort(), RELIEF_MS)
    const request = { operation: 'recordEvents', method: 'GET', path: BRING_PATH, signal: controller.signal } as const
    const brought = this.#exchange(request, this.#session.send(this.#session.written())).then(
      () => {
        this.#relieveAbove = RELIEVE_ABOVE
      },
      () => {},
    )
    await this.#bringWith(brought)
    clearTimeout(timer)
  }

  async #exchange(request: ServiceRequest, sent: SentSession): Promise<ServiceAnswer> {
    const answer = await this.exchange.send({
      ...request,
      headers: sent.value === null ? request.headers : { ...request.headers, [SESSION_HEADER]: sent.value },
      // A second clearing would take what others recorded after the first.
      retry: request.method === 'DELETE' ? 'refused-only' : 'safe',
    })
    this.#session.receive(sent, answer.headers.get(SESSION_HEADER))
    return answer
  }
}

/** Something else at the address may say yes to every DELETE. */
function readCount(text: string, name: string): number {
  const count = member(JSON.parse(text), name)
  if (typeof count !== 'number') throw new Error('no answer to a clearing')
  return count
}
