import { harmlessText } from '../model/harmless-text.ts'
import type { Log } from '../model/log.ts'
import type { NoticeMessage } from './consume-notices.ts'

/**
 * Tells of notices that were given up on. Nothing is lost with them: the events stay in their conversation's object,
 * whose alarm goes on sending notices until the history has them.
 */
export function logDeadNotices(messages: readonly Pick<NoticeMessage, 'body' | 'attempts'>[], log: Log): void {
  for (const { body, attempts } of messages) {
    log('error', 'a notice was given up on; the alarm of its conversation sends others', {
      tenant: body.tenant,
      conversation_id: harmlessText(body.conversation_id),
      attempts,
    })
  }
}
