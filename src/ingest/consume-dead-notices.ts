import type { Notice } from '../conversation/rpc.ts'
import { harmlessText } from '../model/harmless-text.ts'
import type { Log } from '../model/log.ts'
import type { NoticeMessage } from './consume-notices.ts'

export interface DeadNoticeDeps {
  /** Puts a notice into the queue once more, after a while. */
  readonly sendLater: (notice: Notice) => Promise<void>
  readonly log: Log
}

/**
 * Tells of notices that were given up on. Nothing is lost with those of events: these stay in their conversation's object, whose alarm
 * goes on sending notices until the history has them. Nobody else knows of a clearing that its object has not done, so that is sent
 * again. What is past its term and still in the history is found by the next pass.
 */
export async function consumeDeadNotices(
  messages: readonly Pick<NoticeMessage, 'body' | 'attempts'>[],
  { sendLater, log }: DeadNoticeDeps,
): Promise<void> {
  for (const { body, attempts } of messages) {
    const fields = { tenant: body.tenant, conversation_id: harmlessText(body.conversation_id), attempts }
    const isExpired = body.history === 'expired'
    if (body.cleared_through === undefined) {
      log('error', 'a notice was given up on; the alarm of its conversation sends others', fields)
    } else if (isExpired) {
      log('error', 'what is past its term was not cleared; the next pass finds it', fields)
    } else {
      await sendLater(body)
      log('error', 'a conversation could not be cleared; it is tried again in an hour', fields)
    }
  }
}
