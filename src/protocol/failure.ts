import type { EventIssue } from '../model/issues.ts'
import type { Scope } from '../model/scopes.ts'

/** What is wrong with one item of a request; `index` is absent where the request has no items. */
export interface RequestIssue extends EventIssue {
  readonly index?: number
}

/** A quota of requests within a window of time. */
export interface RateLimitPolicy {
  /** As the headers of an answer name it. */
  readonly name: string
  readonly limit: number
  readonly seconds: number
  /** What is counted, for people. */
  readonly counts: string
}

/** How many of something there may be at a time. */
export interface Cap {
  readonly limit: number
  /** Of what, for people. */
  readonly counts: string
}

/** Everything that a request can fail with, but for bugs. Turned into an answer in one place, `problemOf`. */
export type Failure =
  | {
      readonly kind: 'malformed-json'
      readonly detail: string
      readonly index?: number | undefined
      readonly offset?: number | undefined
    }
  | { readonly kind: 'invalid-events'; readonly errors: readonly RequestIssue[] }
  | { readonly kind: 'invalid-request'; readonly errors: readonly RequestIssue[] }
  | {
      readonly kind: 'too-large'
      readonly limit: string
      readonly maximum: number
      readonly detail: string
      readonly index?: number | undefined
    }
  | { readonly kind: 'range-too-large'; readonly limit: string; readonly maximum: number; readonly detail: string }
  | { readonly kind: 'unsupported-media-type'; readonly detail: string }
  | { readonly kind: 'unauthenticated'; readonly detail: string }
  | { readonly kind: 'forbidden'; readonly scope: Scope }
  | { readonly kind: 'not-found'; readonly detail: string }
  | { readonly kind: 'rate-limited'; readonly policy: RateLimitPolicy }
  | { readonly kind: 'rate-limited'; readonly cap: Cap }
  | { readonly kind: 'method-not-allowed'; readonly allow: readonly string[] }
  | {
      readonly kind: 'wrong-expected-seq'
      readonly conversation_id: string
      readonly expected_seq: number
      readonly head_seq: number
    }
  | { readonly kind: 'conflicting-events'; readonly conflicts: readonly string[]; readonly partly_recorded: boolean }
  | { readonly kind: 'authentication-unavailable'; readonly detail: string }
  | { readonly kind: 'history-unavailable'; readonly detail: string }
  | { readonly kind: 'recording-unavailable'; readonly detail: string }
  | { readonly kind: 'not-configured'; readonly problems: readonly string[] }
  | { readonly kind: 'internal' }

/** Carries a failure out of a handler. Only middleware catches it. */
export class RequestFailure extends Error {
  override readonly name = 'RequestFailure'
  readonly failure: Failure

  constructor(failure: Failure, cause?: unknown) {
    super(failure.kind, { cause })
    this.failure = failure
  }
}
