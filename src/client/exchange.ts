import { abortable } from '../model/abortable.ts'
import { EventPersistenceError } from '../model/errors.ts'
import { numberOption } from '../model/number-option.ts'
import { delayBeforeRepeat, type RetryOptions, type RetryPolicy, retryPolicy } from '../model/retry.ts'
import { readRetryAfter } from '../model/retry-after.ts'
import { REAL_TIMING, type Timing, within } from '../model/timers.ts'
import { failure } from './failure.ts'
import { failureOfAnswer } from './failure-of-answer.ts'
import { DEFAULT_RETRY, isRefusal, isRepeatable } from './retry.ts'
import { type ApiKey, authorizationOf } from './token.ts'

/** How a client reaches the service. */
export interface ExchangeOptions {
  /** Where the service is, such as `http://127.0.0.1:8787`; in a browser also a path on the page's own host. */
  readonly url: string
  /** The API key, or a function that gives the one to use now. It is asked before every try. */
  readonly apiKey?: ApiKey | undefined
  readonly fetch?: typeof fetch | undefined
  /** For one try, the reading of its answer included, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** Default: 8 tries within about a minute. */
  readonly retry?: RetryOptions | undefined
}

export interface ExchangeRequest {
  /** The caller's operation, for errors. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With its query. */
  readonly path: string
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined
  /** Beside `Authorization` and, with a body, `Content-Type: application/json`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Statuses outside 2xx that are an answer too. */
  readonly expected?: readonly number[] | undefined
  readonly signal?: AbortSignal | undefined
  /** The answer's body is for the caller to read, piece by piece. Such a request is tried once, or twice for another token. */
  readonly isStream?: boolean | undefined
  /** `refused-only`: repeated only after an answer that says that nothing was done (429, 503). */
  readonly retry: 'safe' | 'refused-only'
}

export interface ExchangeAnswer {
  readonly status: number
  readonly headers: Headers
  /** Empty where `body` is not. */
  readonly text: string
  /** Of a good answer to a request for a stream. */
  readonly body?: ReadableStream<Uint8Array> | null
}

/** Room for 16 MiB on a slow line. */
const DEFAULT_TIMEOUT_MS = 30_000

/** HTTP with the service: authentication, bounded repeats, timeouts, and failures as the store's errors. */
export class Exchange {
  readonly #url: string
  readonly #apiKey: ApiKey | undefined
  readonly #fetch: typeof fetch
  readonly #timeoutMs: number
  readonly retry: RetryPolicy
  readonly timing: Timing

  /** Throws `TypeError` for a URL or an option that cannot be used. */
  constructor(options: ExchangeOptions, timing: Timing = REAL_TIMING) {
    this.#url = baseUrl(options.url)
    this.#apiKey = options.apiKey
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init))
    this.#timeoutMs = numberOption('timeoutMs', options.timeoutMs, DEFAULT_TIMEOUT_MS, 1)
    this.retry = retryPolicy(options.retry, DEFAULT_RETRY)
    this.timing = timing
  }

  /** Milliseconds after which a request is over, one way or the other: its last try begins within the budget. */
  get patienceMs(): number {
    return this.retry.budgetMs + this.#timeoutMs
  }

  /**
   * The answer, once it is whole. Throws `EventPersistenceError` when the service cannot be reached or does not serve,
   * `InvalidEventError`, `WrongExpectedSeqError` and `ConflictingEventsError` as the service answers, and the signal's
   * reason when that aborts: what became of the request is then unknown.
   */
  async send(request: ExchangeRequest): Promise<ExchangeAnswer> {
    const { signal } = request
    const { now, random, wait } = this.timing
    const began = now()
    let tokenWasRenewed = typeof this.#apiKey !== 'function'
    for (let failed = 0; ; ) {
      signal?.throwIfAborted()
      const tried = await this.#attempt(request)
      if (!(tried instanceof EventPersistenceError)) {
        if (isExpected(tried.status, request)) return tried
        if (tried.status === 401 && !tokenWasRenewed) {
          tokenWasRenewed = true
          continue
        }
      }
      failed += 1
      const { failure, mayRepeat, retryAfterMs } = judge(tried, request)
      const delay = mayRepeat ? delayBeforeRepeat(this.retry, failed, now() - began, retryAfterMs, random()) : null
      if (delay === null) throw failure
      await wait(delay, signal)
    }
  }

  /** One try: what was answered, or why there is no answer. Throws what need not be tried again. */
  async #attempt(request: ExchangeRequest): Promise<ExchangeAnswer | EventPersistenceError> {
    const { operation, signal } = request
    const controller = new AbortController()
    const failed = (why: string, cause?: unknown) =>
      failure(operation, why, { transient: true, repeatIsSafe: request.retry === 'safe', cause })
    const late = () => {
      controller.abort()
      return failed(`there was no answer within ${this.#timeoutMs} ms`)
    }
    try {
      // Raced, because neither a token function nor every fetch knows of signals.
      const answer: Promise<ExchangeAnswer | EventPersistenceError> = this.#call(request, controller.signal)
      return await abortable(within(answer, this.#timeoutMs, late), signal)
    } catch (thrown) {
      controller.abort()
      signal?.throwIfAborted()
      if (thrown instanceof EventPersistenceError) throw thrown
      return failed('the service cannot be reached', thrown)
    }
  }

  async #call(request: ExchangeRequest, signal: AbortSignal): Promise<ExchangeAnswer> {
    const { operation, method, path, body } = request
    const headers = new Headers(request.headers)
    if (body !== undefined && !headers.has('Content-Type')) headers.set('Content-Type', 'application/json')
    if (this.#apiKey !== undefined) headers.set('Authorization', await authorizationOf(this.#apiKey, operation))
    signal.throwIfAborted()
    // A followed redirect would turn a POST into a GET, whose answer says nothing of what was sent.
    const init = { method, headers, signal, redirect: 'manual', ...(body === undefined ? {} : { body }) } as const
    // The platform's own function can only be called as one, never as a method.
    const send = this.#fetch
    const answer = await send(`${this.#url}${path}`, init)
    const { ok, status, headers: said } = answer
    const isOpen = request.isStream && ok && said.get('Content-Type')?.startsWith('text/event-stream')
    return isOpen ? { status, headers: said, text: '', body: answer.body } : { status, headers: said, text: await answer.text() }
  }
}

interface Verdict {
  readonly failure: Error
  readonly mayRepeat: boolean
  readonly retryAfterMs?: number | undefined
}

/** What a try that failed means, and whether another may follow. */
function judge(tried: ExchangeAnswer | EventPersistenceError, { operation, retry, isStream }: ExchangeRequest): Verdict {
  if (tried instanceof EventPersistenceError) return { failure: tried, mayRepeat: !isStream && tried.repeatIsSafe }
  const { status, headers, text } = tried
  const retryAfterMs = readRetryAfter(headers.get('Retry-After'), Date.now()) ?? undefined
  const repeatIsSafe = retry === 'safe' || isRefusal(status)
  const failure = failureOfAnswer(status, text, { operation, repeatIsSafe, retryAfterMs })
  return { failure, mayRepeat: !isStream && repeatIsSafe && isRepeatable(status), retryAfterMs }
}

function isExpected(status: number, request: ExchangeRequest): boolean {
  return (status >= 200 && status < 300) || (request.expected?.includes(status) ?? false)
}

function baseUrl(url: string): string {
  // Not `//host`, which is another host's address.
  const isPath = /^\/(?![/\\])/.test(url)
  const parsed = isPath || !URL.canParse(url) ? null : new URL(url)
  if (typeof url !== 'string' || /\s/.test(url) || (!isPath && !/^https?:$/.test(parsed?.protocol ?? ''))) {
    throw new TypeError('url must be an http or https address of the service')
  }
  const trimmed = url.replace(/\/+$/, '')
  if (!parsed) return trimmed
  // Not quoted: it may hold a password.
  if (parsed.username || parsed.password) throw new TypeError('url must hold no credentials: pass apiKey')
  if (parsed.search || parsed.hash) throw new TypeError('url must hold no query and no fragment')
  return trimmed
}
