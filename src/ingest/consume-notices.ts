import type { Notice } from '../conversation/rpc.ts'
import { backoffSeconds } from '../model/backoff.ts'
import { describeError } from '../model/describe-error.ts'
import type { Log } from '../model/log.ts'
import { clearAsked } from './clear-asked.ts'
import { clearExpired } from './clear-expired.ts'
import { clearObject } from './clear-object.ts'
import { type DrainDeps, type DrainReport, drain, type Outbox } from './drain.ts'
import { logSetAside } from './log-set-aside.ts'

export interface NoticeMessage {
  readonly body: Notice
  /** Deliveries of this message, this one included. */
  readonly attempts: number
  retry(options: { delaySeconds: number }): void
}

export interface ConsumerDeps extends DrainDeps {
  readonly conversation: (notice: Notice) => Outbox & { clear(marker: number): Promise<void> }
  readonly notify: (notices: readonly Notice[]) => Promise<void>
  readonly log: Log
  /** The term of today; null where everything stays. */
  readonly retentionDays: number | null
  /** Unix time in ms. */
  readonly now: () => number
}

/** Waits at most, so that what an outage held up drains within seconds of its end. */
const LONGEST_RETRY_SECONDS = 15

/**
 * Deliveries of a notice, two minutes with their delays, in which what goes with its events must be passed on; after that the
 * conversation is told without it. Fewer than the queue's retries, or the notice would be given up on before.
 */
export const FORWARDING_ATTEMPTS = 12

/** For a conversation that was told without it and has more: it is not told for the first time. */
const SOON_SECONDS = 1

/** A conversation that is written to without pause must not keep the others' notices waiting. */
const LONGEST_DRAIN_MS = 5_000

/** Drains every noticed conversation once, however many notices it sent. A message that is not retried counts as done. */
export async function consumeNotices(messages: readonly NoticeMessage[], deps: ConsumerDeps): Promise<void> {
  const [clearings, pending] = partition(messages, ({ body }) => body.cleared_through !== undefined)
  const [ofHistory, told] = partition(clearings, ({ body }) => body.history !== undefined)
  const [asked, expired] = partition(ofHistory, ({ body }) => body.history === 'asked')
  await Promise.all(told.map((message) => clearObject(message, deps, comeAgain)))
  if (pending.length > 0) await drainNoticed(pending, deps)
  // Last: nobody waits for it.
  for (const message of asked) await clearAsked(message, deps, comeAgain)
  if (expired.length > 0) await clearExpired(expired, deps, comeAgain)
}

async function drainNoticed(pending: readonly NoticeMessage[], deps: ConsumerDeps): Promise<void> {
  const byConversation = new Map<string, NoticeMessage[]>()
  for (const message of pending) {
    const key = JSON.stringify([message.body.tenant, message.body.conversation_id])
    const same = byConversation.get(key)
    if (same) same.push(message)
    else byConversation.set(key, [message])
  }
  const notices = [...byConversation.values()].map(oldest)
  const targets = notices.map(({ body, attempts }) => ({
    outbox: deps.conversation(body),
    give_up: attempts >= FORWARDING_ATTEMPTS,
  }))
  const until = deps.now() + LONGEST_DRAIN_MS
  const report = await drain(targets, deps, () => deps.now() < until)
  const held = new Set(report.held)
  const givenUp = new Set(report.given_up.map(({ place }) => place))
  let failed = 0
  // One notice of a conversation is enough to come back; its copies would only multiply.
  notices.forEach((notice, place) => {
    if (report.failures[place]) failed += 1
    if (report.failures[place] || held.has(place)) comeAgain(notice)
    else if (givenUp.has(place) && report.unfinished.includes(place)) notice.retry({ delaySeconds: SOON_SECONDS })
  })
  // Not a retry: a conversation that is written to without pause is no failure, and retries are counted.
  const goOn = report.unfinished.filter((place) => !report.failures[place] && !held.has(place) && !givenUp.has(place))
  await deps.notify(goOn.map((place) => (notices[place] as NoticeMessage).body))
  const cause = report.failures.find((failure) => failure !== null)?.cause
  deps.log(failed > 0 ? 'warn' : 'info', failed > 0 ? 'conversations could not be drained; they are retried' : 'drained', {
    notices: pending.length,
    conversations: notices.length,
    events: report.events,
    writes: report.writes,
    failed,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  })
  logForwarding(report, deps.log)
  logSetAside(report.set_aside, deps.log)
}

function comeAgain(message: NoticeMessage): void {
  message.retry({ delaySeconds: backoffSeconds(message.attempts, LONGEST_RETRY_SECONDS) })
}

/** Of the notices of one conversation the one that was delivered most often: another would begin to count anew. */
function oldest(group: readonly NoticeMessage[]): NoticeMessage {
  return group.reduce((a, b) => (b.attempts > a.attempts ? b : a))
}

function logForwarding({ held, given_up, forward_cause }: DrainReport, log: Log): void {
  const cause = describeError(forward_cause)
  if (held.length > 0)
    log('warn', 'lifecycle events could not be queued for Segment; they are tried again', { conversations: held.length, cause })
  if (given_up.length > 0) {
    const events = given_up.reduce((sum, one) => sum + one.events, 0)
    log('error', 'lifecycle events were given up on: the queue for Segment did not take them', { events, cause })
  }
}

function partition<T>(items: readonly T[], chosen: (item: T) => boolean): [T[], T[]] {
  return [items.filter(chosen), items.filter((item) => !chosen(item))]
}
