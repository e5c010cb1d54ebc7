import type { Notice } from '../conversation/rpc.ts'
import { describeError } from '../model/describe-error.ts'
import type { Log } from '../model/log.ts'

export interface CollectorDeps {
  readonly send: (notices: readonly Notice[]) => Promise<void>
  /** Lets the sending go on after the request that it came with. */
  readonly keepAlive: (work: Promise<unknown>) => void
  readonly log: Log
  /** Unix ms. */
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
}

/** What a notice waits for others: little beside the second that the queue waits. */
const COLLECTED_MS = 20

/** Far longer than that: the request that was to send them has been stopped. */
const LOST_AFTER_MS = 1_000

/**
 * Sends the notices of an isolate's requests together: a call of the queue takes a hundred, and the same time for one. Returns at once and
 * never throws: a notice that is lost is repeated by its conversation's alarm.
 */
export function noticeCollector({ send, keepAlive, log, now, wait }: CollectorDeps): (notice: Notice) => void {
  let group: { readonly since: number; readonly notices: Notice[] } | null = null

  async function sendLater(own: NonNullable<typeof group>): Promise<void> {
    await wait(COLLECTED_MS)
    if (group === own) group = null
    try {
      await send(own.notices)
    } catch (cause) {
      log('warn', 'notices could not be queued; alarms repeat them', { notices: own.notices.length, cause: describeError(cause) })
    }
  }

  return (notice) => {
    if (group && now() - group.since < LOST_AFTER_MS) {
      group.notices.push(notice)
      return
    }
    group = { since: now(), notices: [notice] }
    keepAlive(sendLater(group))
  }
}
