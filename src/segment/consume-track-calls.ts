import { harmlessText } from '../model/harmless-text.ts'
import type { Log } from '../model/log.ts'
import { pack } from '../model/pack.ts'
import { utf8Bytes } from '../model/utf8-bytes.ts'
import { MAX_POST_BYTES, MAX_POST_CALLS } from './limits.ts'
import type { PostOutcome } from './post-batch.ts'
import { retryDelaySeconds } from './retry-delay.ts'

export interface TrackMessage {
  /** JSON text of a track call. */
  readonly body: string
  /** Deliveries of this message, this one included. */
  readonly attempts: number
  retry(options: { delaySeconds: number }): void
}

export interface TrackConsumerDeps {
  readonly post: (calls: readonly string[]) => Promise<PostOutcome>
  readonly log: Log
}

/**
 * Sends the calls to Segment in as few requests as its limits allow, one after the other. What may be taken later is
 * retried, each message with its own delay; what Segment refuses is logged and done. A message that is not retried counts
 * as done.
 */
export async function consumeTrackCalls(messages: readonly TrackMessage[], { post, log }: TrackConsumerDeps): Promise<void> {
  const groups = pack(messages, ({ body }) => utf8Bytes(body) + 1, { items: MAX_POST_CALLS, bytes: MAX_POST_BYTES })
  let sent = 0
  let requests = 0
  let retried = 0
  let later: Extract<PostOutcome, { kind: 'later' }> | null = null
  const retry = (group: readonly TrackMessage[], asked: number | null) => {
    retried += group.length
    for (const message of group) message.retry({ delaySeconds: retryDelaySeconds(message.attempts, asked) })
  }
  while (groups.length > 0) {
    const group = groups.shift() as TrackMessage[]
    // Once Segment has said how long to wait, another request would only be the next one over the limit.
    if (later && later.retry_after !== null) {
      retry(group, later.retry_after)
      continue
    }
    requests += 1
    const outcome = await post(group.map(({ body }) => body))
    if (outcome.kind === 'taken') sent += group.length
    else if (outcome.kind === 'later') {
      later = outcome
      retry(group, outcome.retry_after)
    } else if (outcome.kind === 'divide' && group.length > 1) {
      const middle = group.length >> 1
      groups.unshift(group.slice(0, middle), group.slice(middle))
    } else {
      const [only, ...others] = group
      const message_id = only && others.length === 0 ? messageIdOfCall(only.body) : undefined
      log('error', 'Segment refused events; they are not sent again', {
        status: outcome.status,
        events: group.length,
        message_id,
      })
    }
  }
  if (sent > 0) log('info', 'sent to Segment', { events: sent, requests })
  if (later) log('warn', 'Segment did not take events; they are sent again', { events: retried, cause: later.cause })
}

/** Tells of events that Segment did not take in all that time. The store has them. */
export function logDeadTrackCalls(messages: readonly Pick<TrackMessage, 'body' | 'attempts'>[], log: Log): void {
  for (const { body, attempts } of messages) {
    log('error', 'an event for Segment was given up on', { message_id: messageIdOfCall(body), attempts })
  }
}

function messageIdOfCall(body: string): string {
  return harmlessText((JSON.parse(body) as { messageId: string }).messageId)
}
