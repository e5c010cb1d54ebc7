import type { EventGraph } from '../../model/event-graph.ts'
import type { CallOptions } from '../../model/event-store.ts'
import type { RequestSummary } from '../../model/request-summary.ts'
import { isPossibleId } from '../../model/text-rules.ts'
import type { Timing } from '../../model/timers.ts'
import type { Conversation, ConversationList } from '../../protocol/answers.ts'
import type { Activity, AssistantsActivity, UnfinishedPage, UnfinishedRequest } from '../../protocol/monitor-answers.ts'
import { Exchange, type ExchangeOptions } from '../exchange.ts'
import { failure, understand } from '../failure.ts'
import { readNotFound } from '../failure-of-answer.ts'
import { assistantRequestPath, conversationPath } from '../paths.ts'
import { type Query, withQuery } from '../with-query.ts'
import { readAnswer } from './read-answer.ts'

export type EventMonitorOptions = ExchangeOptions

/** On the events' own timestamps, at most 31 days. */
export interface MonitorRange extends CallOptions {
  /** Inclusive: an ISO 8601 time or a `Date`. Default: an hour before `until`. */
  readonly since?: string | Date | undefined
  /** Exclusive. Default: now. */
  readonly until?: string | Date | undefined
}

export interface ActivityOptions extends MonitorRange {
  /** Seconds of a point: a multiple of 60 up to 86,400. Default: the shortest of 1, 5 and 15 minutes and an hour that fits the answer. */
  readonly step?: number | undefined
}

export type UnfinishedOptions = MonitorRange

export interface UnfinishedPageOptions extends UnfinishedOptions {
  /** An item's `cursor`, or `next_cursor`, exclusive. */
  readonly after?: string | undefined
  /** Items at most. Default 100, which is also what a page holds. */
  readonly limit?: number | undefined
}

export interface ConversationsOptions extends CallOptions {
  /** `application`: logs of application events, such as a workflow's run. Default: both. */
  readonly kind?: 'agent' | 'application' | undefined
  /** An item's `cursor`, or `next_cursor`, exclusive. */
  readonly after?: string | undefined
  /** Items at most. Default 100. */
  readonly limit?: number | undefined
}

/**
 * What is going on in a service: overviews for a person who looks at it, read from its history. Answers have the form of the HTTP
 * API. Every method throws `EventPersistenceError` when the service cannot be reached, does not serve or refuses; its `kind` tells
 * `unauthenticated`, `forbidden`, `not-found`, `range-too-large` and the other kinds of problems apart. A `Date` that holds no time is a
 * `TypeError`.
 */
export class EventMonitor {
  readonly #exchange: Exchange

  /** Throws `TypeError` for a URL or an option that cannot be used. `timing` is the tests' own. */
  constructor(options: EventMonitorOptions, timing?: Timing) {
    this.#exchange = new Exchange(options, timing)
  }

  /** How many events there were, and how many of them tell of failures, step by step. */
  activity({ since, until, step, signal }: ActivityOptions = {}): Promise<Activity> {
    return this.#read('activity', '/v1/monitor/activity', { since, until, step }, 'points', signal)
  }

  /** How often each assistant was asked, answered and failed, and how long it took. */
  assistants({ since, until, signal }: MonitorRange = {}): Promise<AssistantsActivity> {
    return this.#read('assistants', '/v1/monitor/assistants', { since, until }, 'assistants', signal)
  }

  /** The assistant requests begun in the range of which something has not ended, newest first, read page by page as they are taken. */
  async *unfinished({ since, until, signal }: UnfinishedOptions = {}): AsyncGenerator<UnfinishedRequest, void, undefined> {
    let after: string | null = null
    do {
      const page: UnfinishedPage = await this.unfinishedPage({ since, until, after: after ?? undefined, signal })
      for (const item of page.items) {
        yield item
        signal?.throwIfAborted()
      }
      after = page.next_cursor
    } while (after !== null)
  }

  /** One page of these. It may hold fewer items than asked for, even none, and still have a next one. */
  unfinishedPage({ since, until, after, limit, signal }: UnfinishedPageOptions = {}): Promise<UnfinishedPage> {
    return this.#read('unfinishedPage', '/v1/monitor/unfinished', { since, until, after, limit }, 'items', signal)
  }

  /** A page of the conversations, newest activity first. */
  conversations({ kind, after, limit, signal }: ConversationsOptions = {}): Promise<ConversationList> {
    return this.#read('conversations', '/v1/conversations', { kind, after, limit }, 'items', signal)
  }

  /** A conversation's counters; null when there is none of this id. */
  async conversation(conversationId: string, { signal }: CallOptions = {}): Promise<Conversation | null> {
    if (!isPossibleId(conversationId)) return null
    const operation = 'conversation'
    const path = conversationPath(conversationId)
    const request = { operation, method: 'GET', path, expected: [404], signal, retry: 'safe' } as const
    const { status, text } = await this.#exchange.send(request)
    return understand(operation, text, (body) =>
      status === 404 ? readNotFound(body) : readAnswer<Conversation>(body, 'head_seq'),
    )
  }

  /** The event graph of a conversation; rejects with the kind `not-found` when there is none. */
  async conversationGraph(conversationId: string, { signal }: CallOptions = {}): Promise<EventGraph> {
    const operation = 'conversationGraph'
    refuseImpossible(operation, conversationId)
    return this.#read(operation, conversationPath(conversationId, 'graph'), {}, 'nodes', signal)
  }

  /** What became of an assistant request; rejects with the kind `not-found` when there is none. */
  async requestSummary(assistantRequestId: string, { signal }: CallOptions = {}): Promise<RequestSummary> {
    const operation = 'requestSummary'
    refuseImpossible(operation, assistantRequestId)
    return this.#read(operation, assistantRequestPath(assistantRequestId, 'summary'), {}, 'unfinished', signal)
  }

  async #read<T>(
    operation: string,
    path: string,
    query: Readonly<Record<string, Query[string] | Date>>,
    known: string & keyof T,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const request = { operation, method: 'GET', path: withQuery(path, withTexts(query)), signal, retry: 'safe' } as const
    const { text } = await this.#exchange.send(request)
    return understand(operation, text, (body) => readAnswer<T>(body, known))
  }
}

function withTexts(query: Readonly<Record<string, Query[string] | Date>>): Query {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      if (!(value instanceof Date)) return [name, value]
      if (Number.isNaN(value.getTime())) throw new TypeError(`${name} is a Date that holds no time`)
      return [name, value.toISOString()]
    }),
  )
}

/** Nothing recorded has an id that no path can hold. */
function refuseImpossible(operation: string, id: string): void {
  if (!isPossibleId(id)) throw failure(operation, `no event can have the id ${JSON.stringify(id)}`, { kind: 'not-found' })
}
