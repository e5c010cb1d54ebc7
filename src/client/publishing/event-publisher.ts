import type { ApplicationEvent, EventMetadata } from '../../model/application-events.ts'
import type { EventText } from '../../model/event-text.ts'
import { InvalidEventError } from '../../model/invalid-event-error.ts'
import { consoleLog, type Log, type LogLevel } from '../../model/log.ts'
import { type RetryOptions, retryPolicy } from '../../model/retry.ts'
import { Exchange } from '../exchange.ts'
import type { ApiKey } from '../token.ts'
import { authorizationHeaders } from './authorization-headers.ts'
import { conflictsOf } from './conflicts-of.ts'
import { enrichMetadata } from './enrich-metadata.ts'
import type { ContextProvider, ExecutionContext } from './execution-context.ts'
import { headerOfKey } from './idempotency-key.ts'
import { batchesOf, prepareEvent } from './prepare-batches.ts'
import { reasonOf } from './reason-of.ts'

export interface EventPublisherOptions {
  /** Where the service is, such as `http://127.0.0.1:8787`. Without it nothing is published, in silence. */
  readonly url?: string | undefined
  /** The API key, or a function that gives the one to use now: asked once a publish. Where it fails, the publish goes on without. */
  readonly apiKey?: ApiKey | undefined
  /** `application_name` of events that do not say their own. */
  readonly applicationName?: string | undefined
  /** What events are published from: the first of these that knows. None: nothing is added of a workflow or an activity. */
  readonly context?: readonly ContextProvider[] | undefined
  /** Default: the console, without level `debug`. Never given an event's content. */
  readonly log?: Log | undefined
  readonly fetch?: typeof fetch | undefined
  /** For one try, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number | undefined
  /** Default: 3 tries within about 10 seconds. */
  readonly retry?: RetryOptions | undefined
}

export interface PublishOptions {
  /**
   * Two publishes of one key are one event (of an array, by position); other characters than printable ASCII, spaces and
   * `%` are sent percent-encoded. Default: a new one for every call, so that a repeated request is one event.
   */
  readonly idempotencyKey?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface EventPublisherEnvironment {
  readonly EVENT_STORE_URL?: string | undefined
  readonly EVENT_STORE_API_KEY?: string | undefined
  readonly APPLICATION_NAME?: string | undefined
}

export type Enriched<Event extends ApplicationEvent> = Event & { metadata: EventMetadata }

/** Publishing must not hold up the application: a store that does not answer costs about 15 seconds at most. */
const TIMEOUT_MS = 5_000
const RETRY = { attempts: 3, firstDelayMs: 100, longestDelayMs: 1_000, budgetMs: 10_000 }

const quietLog: Log = (level, message, fields) => {
  if (level !== 'debug') consoleLog(level, message, fields)
}

/**
 * Publishes application events as Atlan's SDK does (`EventStore.publish_event`): fire and forget. No method throws or
 * rejects, whatever happens; what goes wrong is logged. `workflow_start`, `workflow_end`, `activity_start` and
 * `activity_end` also go to Segment, which the service does where it is configured.
 */
export class EventPublisher {
  readonly #options: EventPublisherOptions
  readonly #exchange: Exchange | null

  constructor(options: EventPublisherOptions = {}) {
    this.#options = options
    this.#exchange = this.#connect()
  }

  /** The publisher that the environment asks for: to `EVENT_STORE_URL` with `EVENT_STORE_API_KEY`, for `APPLICATION_NAME`. */
  static fromEnvironment(environment: EventPublisherEnvironment, options: EventPublisherOptions = {}): EventPublisher {
    return new EventPublisher({
      ...options,
      url: options.url ?? environment.EVENT_STORE_URL,
      apiKey: options.apiKey ?? (environment.EVENT_STORE_API_KEY || undefined),
      applicationName: options.applicationName ?? (environment.APPLICATION_NAME || undefined),
    })
  }

  /** The same publisher for events from elsewhere: with these providers instead of its own. None: outside of everything. */
  withContext(...context: readonly ContextProvider[]): EventPublisher {
    // A URL that cannot be used has been complained of once.
    return new EventPublisher({ ...this.#options, url: this.#exchange ? this.#options.url : undefined, context })
  }

  /**
   * Completes the metadata: `application_name`, `created_timestamp` (whole Unix seconds), `topic_name`; inside a workflow
   * its type, id and run id; inside an activity also `activity_type`, `activity_id`, `attempt` and the state `running`.
   * What is set stays, members of the sender's own included. Returns the same event; one that cannot be changed is left as it is.
   */
  enrichEventMetadata<Event extends ApplicationEvent>(event: Event): Enriched<Event> {
    try {
      event.metadata = this.#metadataOf(event)
    } catch (error) {
      this.#report('error', 'metadata could not be enriched', error)
    }
    return event as Enriched<Event>
  }

  /** Publishes a copy of the event with its metadata enriched. Resolves once it is stored or given up; never rejects. */
  publishEvent(event: ApplicationEvent, options?: PublishOptions): Promise<void> {
    return this.#publish(() => [event], options)
  }

  /** Publishes the events in one request, or in several that keep their order where they are too many for one. Never rejects. */
  publishEvents(events: Iterable<ApplicationEvent>, options?: PublishOptions): Promise<void> {
    return this.#publish(() => events, options)
  }

  /** Everything up to the first await belongs to the caller's moment: the context and the time are asked there. */
  async #publish(eventsOf: () => Iterable<ApplicationEvent>, options: PublishOptions | undefined): Promise<void> {
    if (this.#exchange === null) return this.#report('debug', 'event skipped: no event store is configured')
    try {
      const { idempotencyKey, signal } = options ?? {}
      const key = headerOfKey(idempotencyKey || crypto.randomUUID())
      const prepared = [...eventsOf()].flatMap((event) => this.#prepare(event) ?? [])
      if (prepared.length === 0) return
      const authorization = await this.#authorization()
      for (const [index, batch] of batchesOf(prepared).entries()) {
        await this.#send(batch, authorization, index === 0 ? key : `${key}/${index}`, signal)
      }
    } catch (error) {
      this.#report('error', 'events could not be published', error)
    }
  }

  /** A request that the service refuses for some of its events stored none of them: the others go again without those. */
  async #send(
    batch: readonly EventText[],
    authorization: Readonly<Record<string, string>>,
    key: string,
    signal: AbortSignal | undefined,
  ) {
    const headers = { ...authorization, 'Idempotency-Key': key }
    for (let left = batch; left.length > 0; ) {
      const texts = left.map(({ text }) => text).join(',')
      const body = left.length === 1 ? texts : `[${texts}]`
      try {
        const answer = await this.#exchange?.send({
          operation: 'publishEvent',
          method: 'POST',
          path: '/v1/publish',
          body,
          headers,
          signal,
          retry: 'safe',
        })
        return this.#reportConflicts(conflictsOf(answer?.text ?? ''), key)
      } catch (error) {
        if (!(error instanceof InvalidEventError)) throw error
        this.#report('error', 'an event cannot be published', error)
        const refused = new Set(error.issues.map(({ index }) => index))
        const others = left.filter((_, place) => !refused.has(place))
        if (others.length === left.length) return
        left = others
      }
    }
  }

  /** A key that is used again is to be one event; an id that is, is a mistake. */
  #reportConflicts(ids: readonly string[], key: string): void {
    const isOfKey = (id: string) => id === key || id.startsWith(`${key}:`)
    const own = ids.filter((id) => !isOfKey(id))
    const repeated = ids.filter(isOfKey)
    if (own.length > 0) this.#report('warn', 'not stored: other events have these ids', own.join(', '))
    if (repeated.length > 0) this.#report('debug', 'published before under this key', repeated.join(', '))
  }

  #authorization(): Promise<Record<string, string>> {
    const { apiKey, timeoutMs = TIMEOUT_MS } = this.#options
    return authorizationHeaders(apiKey, timeoutMs, (error) =>
      this.#report('warn', 'publishing without authentication: no token', error),
    )
  }

  #prepare(event: ApplicationEvent): EventText | null {
    try {
      const preparation = prepareEvent({ ...event, metadata: this.#metadataOf(event) })
      if (preparation.ok) return preparation.event
      this.#report('error', 'an event cannot be published', preparation.reason)
    } catch (error) {
      this.#report('error', 'an event cannot be published', error)
    }
    return null
  }

  #metadataOf(event: ApplicationEvent): EventMetadata {
    return enrichMetadata(event, {
      applicationName: this.#options.applicationName,
      now: Date.now(),
      context: this.#context(),
    })
  }

  #context(): ExecutionContext | null {
    for (const provider of this.#options.context ?? []) {
      try {
        const context = provider()
        if (context instanceof Promise) {
          context.catch(() => {})
          throw new Error('it gave a promise: give the context itself')
        }
        if (context)
          return { workflow: context.workflow && { ...context.workflow }, activity: context.activity && { ...context.activity } }
      } catch (error) {
        this.#report('warn', 'a context provider failed', error)
      }
    }
    return null
  }

  #connect(): Exchange | null {
    const { url, fetch, timeoutMs = TIMEOUT_MS, retry } = this.#options
    if (!url) return null
    try {
      return new Exchange({ url, fetch, timeoutMs, retry: retryPolicy(retry, RETRY) })
    } catch (error) {
      this.#report('error', 'nothing will be published', error)
      return null
    }
  }

  #report(level: LogLevel, message: string, reason?: unknown): void {
    const write = async () => {
      const { log = quietLog } = this.#options
      return log(level, message, reason === undefined ? {} : { reason: reasonOf(reason) })
    }
    // A log that fails, at once or later, must not disturb the application either.
    write().catch(() => {})
  }
}
