import type { EventIssue } from '../model/issues.ts'

/** What is wrong with one item of a request; `index` is absent where the request has no items. */
export interface RequestIssue extends EventIssue {
  readonly index?: number
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
  | { readonly kind: 'unsupported-media-type'; readonly detail: string }
  | { readonly kind: 'unauthenticated'; readonly detail: string }
  | { readonly kind: 'not-found'; readonly detail: string }
  | { readonly kind: 'method-not-allowed'; readonly allow: readonly string[] }
  | {
      readonly kind: 'wrong-expected-seq'
      readonly conversation_id: string
      readonly expected_seq: number
      readonly head_seq: number
    }
  | { readonly kind: 'conflicting-events'; readonly conflicts: readonly string[]; readonly partly_recorded: boolean }
  | { readonly kind: 'history-unavailable'; readonly detail: string }
  | { readonly kind: 'recording-unavailable'; readonly detail: string }
  | { readonly kind: 'not-configured'; readonly problems: readonly string[] }
  | { readonly kind: 'internal' }

/** Carries a failure out of a handler. Only middleware catches it. */
export class RequestFailure extends Error {
  override readonly name = 'RequestFailure'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.kind)
    this.failure = failure
  }
}
