import { describeError } from '../model/describe-error.ts'
import { retryAfterSeconds } from './retry-delay.ts'

export type PostOutcome =
  | { readonly kind: 'taken' }
  /** The same request may be taken later; `retry_after` in seconds, if Segment said when. */
  | { readonly kind: 'later'; readonly cause: string; readonly retry_after: number | null }
  /** Something in it is too large or malformed: a part of it may be taken. */
  | { readonly kind: 'divide'; readonly status: number }
  | { readonly kind: 'refused'; readonly status: number }

export interface PostDeps {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Origin of the region's API, without a slash at its end. */
  readonly host: string
  readonly writeKey: string
  readonly timeoutMs: number
  /** Unix time in ms. */
  readonly now: () => number
}

/** Segment answers within a second; what takes longer than this is taken for lost and sent again. */
export const ANSWER_TIMEOUT_MS = 10_000

/** Beside the 5xx, those that Segment's own libraries repeat. */
const REPEATED_STATUSES = [408, 410, 429]

/**
 * Sends one batch to Segment's HTTP Tracking API, with Basic authentication. Segment answers 200 even for events that it
 * drops, and 400 for a request with a part that is too large or malformed.
 */
export async function postBatch(calls: readonly string[], deps: PostDeps): Promise<PostOutcome> {
  const now = deps.now()
  try {
    const response = await deps.fetch(`${deps.host}/v1/batch`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`${deps.writeKey}:`)}`, 'Content-Type': 'application/json' },
      body: `{"batch":[${calls.join(',')}],"sentAt":"${new Date(now).toISOString()}"}`,
      // The key goes to the host that was configured and to no other.
      redirect: 'manual',
      signal: AbortSignal.timeout(deps.timeoutMs),
    })
    const { status, headers } = response
    await response.body?.cancel()
    if (response.ok) return { kind: 'taken' }
    if (status >= 500 || REPEATED_STATUSES.includes(status))
      return { kind: 'later', cause: `status ${status}`, retry_after: retryAfterSeconds(headers.get('Retry-After'), deps.now()) }
    return { kind: status === 400 || status === 413 ? 'divide' : 'refused', status }
  } catch (cause) {
    return { kind: 'later', cause: describeError(cause), retry_after: null }
  }
}
