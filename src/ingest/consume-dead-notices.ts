import type { Notice } from '../conversation/rpc.ts'
import { harmlessText } from '../model/harmless-text.ts'
import type { Log } from '../model/log.ts'
import type { NoticeMessage } from './consume-notices.ts'

export interface DeadNoticeDeps {
  /** Puts a notice into the queue once more, after an hour. */
  readonly sendLater: (notice: Notice) => Promise<void>
  readonly log: Log
}

/**
 * Three days of hours, in which a notice of what is past its term is sent again. Each day's pass sends another for what the history still
 * has, so that there are never more than four for a conversation.
 */
const EXPIRED_ROUNDS = 72

/**
 * Tells of notices that were given up on. Nothing is lost with those of events: these stay in their conversation's object, whose alarm
 * goes on sending notices until the history has them. Nobody else knows of a clearing that its object has not done, so that is sent
 * again. So is, for some days, that of what is past its term: the history may have been cleared and its answer lost, and no pass finds
 * the conversation then. What is still in the history after that is found by the next pass.
 */
export async function consumeDeadNotices(
  messages: readonly Pick<NoticeMessage, 'body' | 'attempts'>[],
  { sendLater, log }: DeadNoticeDeps,
): Promise<void> {
  for (const { body, attempts } of messages) {
    const isExpired = body.history === 'expired'
    const fields = { tenant: body.tenant, conversation_id: harmlessText(body.conversation_id), attempts }
    if (body.cleared_through === undefined) {
      log('error', 'a notice was given up on; the alarm of its conversation sends others', fields)
      continue
    }
    const rounds = body.given_up ?? 0
    if (isExpired && rounds >= EXPIRED_ROUNDS) {
      log('error', 'what is past its term was not cleared; the next pass finds it', fields)
      continue
    }
    await sendLater(isExpired ? { ...body, given_up: rounds + 1 } : body)
    log('error', 'a conversation could not be cleared; it is tried again in an hour', fields)
  }
}
