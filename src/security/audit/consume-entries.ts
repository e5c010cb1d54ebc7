import type { AuditEntry, AuditLog } from '../../model/audit.ts'
import { backoffSeconds } from '../../model/backoff.ts'
import { describeError } from '../../model/describe-error.ts'
import { EventPersistenceError } from '../../model/errors.ts'
import type { Log } from '../../model/log.ts'

export interface AuditMessage {
  readonly body: AuditEntry
  /** Deliveries of this message, this one included. */
  readonly attempts: number
  retry(options: { delaySeconds: number }): void
}

export interface AuditConsumerDeps {
  readonly audit: Pick<AuditLog, 'append'>
  readonly log: Log
}

/** Entries are read by people afterwards: after an outage they may come this late. */
const LONGEST_RETRY_SECONDS = 60 * 60

/**
 * Stores the entries in one statement. What cannot be stored now is retried; an entry that the backend refuses is found by
 * halving, and stands in the Worker's log instead. A message that is not retried counts as done.
 */
export async function consumeAuditEntries(messages: readonly AuditMessage[], { audit, log }: AuditConsumerDeps): Promise<void> {
  const groups: (readonly AuditMessage[])[] = [messages]
  for (let group = groups.shift(); group; group = groups.shift()) {
    try {
      await audit.append(group.map(({ body }) => body))
    } catch (cause) {
      const refused = cause instanceof EventPersistenceError && cause.refusesData
      if (refused && group.length > 1) {
        const middle = group.length >> 1
        groups.unshift(group.slice(0, middle), group.slice(middle))
      } else if (refused) {
        for (const { body } of group)
          log('error', 'an audit entry was refused', { entry: JSON.stringify(body), cause: describeError(cause) })
      } else {
        for (const message of group) message.retry({ delaySeconds: backoffSeconds(message.attempts, LONGEST_RETRY_SECONDS) })
        log('warn', 'audit entries could not be stored; they are retried', { entries: group.length, cause: describeError(cause) })
      }
    }
  }
}

/** Keeps in the Worker's log what could not be stored in all that time. */
export function logDeadAuditEntries(messages: readonly Pick<AuditMessage, 'body' | 'attempts'>[], log: Log): void {
  for (const { body, attempts } of messages) {
    log('error', 'an audit entry was given up on', { entry: JSON.stringify(body), attempts })
  }
}
