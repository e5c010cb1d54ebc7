import type { Notice } from '../conversation/rpc.ts'
import type { Log } from '../model/log.ts'
import { type DrainDeps, drain, type Outbox } from './drain.ts'

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
  /** Unix time in ms. */
  readonly now: () => number
}

/** Waits at most, so that what an outage held up drains within seconds of its end. */
const LONGEST_RETRY_SECONDS = 15

/** A conversation that is written to without pause must not keep the others' notices waiting. */
const LONGEST_DRAIN_MS = 5_000

/** 1, 2, 4, ... seconds after the first, second, third failed delivery. */
export function retryDelaySeconds(attempts: number): number {
  return Math.min(2 ** Math.max(attempts - 1, 0), LONGEST_RETRY_SECONDS)
}

/** Drains every noticed conversation once, however many notices it sent. A message that is not retried counts as done. */
export async function consumeNotices(messages: readonly NoticeMessage[], deps: ConsumerDeps): Promise<void> {
  const [clearings, pending] = partition(messages, ({ body }) => body.cleared_through !== undefined)
  await Promise.all(clearings.map((message) => clear(message, deps)))
  if (pending.length === 0) return
  const byConversation = new Map<string, NoticeMessage[]>()
  for (const message of pending) {
    const key = JSON.stringify([message.body.tenant, message.body.conversation_id])
    const same = byConversation.get(key)
    if (same) same.push(message)
    else byConversation.set(key, [message])
  }
  const groups = [...byConversation.values()]
  const outboxes = groups.map((group) => ({ outbox: deps.conversation((group[0] as NoticeMessage).body) }))
  const until = deps.now() + LONGEST_DRAIN_MS
  const report = await drain(outboxes, deps, () => deps.now() < until)
  let failed = 0
  // One notice of a conversation is enough to come back; its copies would only multiply.
  groups.forEach(([first], place) => {
    if (report.failures[place]) {
      failed += 1
      first?.retry({ delaySeconds: retryDelaySeconds(first.attempts) })
    }
  })
  // Not a retry: a conversation that is written to without pause is no failure, and retries are counted.
  await deps.notify(report.unfinished.map((place) => groups[place]?.[0]?.body as Notice))
  const cause = report.failures.find((failure) => failure !== null)?.cause
  deps.log(failed > 0 ? 'warn' : 'info', failed > 0 ? 'conversations could not be drained; they are retried' : 'drained', {
    notices: pending.length,
    conversations: groups.length,
    events: report.events,
    writes: report.writes,
    failed,
    ...(cause === undefined ? {} : { cause: String(cause) }),
  })
  for (const { tenant, conversation_id, seq, event_id, code } of report.set_aside) {
    deps.log('error', 'an event was set aside: see /v1/quarantine', { tenant, conversation_id, seq, event_id, code })
  }
}

async function clear(message: NoticeMessage, deps: ConsumerDeps): Promise<void> {
  try {
    await deps.conversation(message.body).clear(message.body.cleared_through as number)
  } catch (cause) {
    deps.log('warn', 'a conversation could not be cleared; it is retried', { cause: String(cause) })
    message.retry({ delaySeconds: retryDelaySeconds(message.attempts) })
  }
}

function partition<T>(items: readonly T[], chosen: (item: T) => boolean): [T[], T[]] {
  return [items.filter(chosen), items.filter((item) => !chosen(item))]
}
