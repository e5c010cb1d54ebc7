import { describeError } from '../model/describe-error.ts'
import { EventPersistenceError } from '../model/errors.ts'
import { clearObject } from './clear-object.ts'
import type { ConsumerDeps, NoticeMessage } from './consume-notices.ts'

/**
 * Does what a request to clear a conversation was to do, from the beginning: it may have ended anywhere. Where it was done, this changes
 * nothing: what was recorded since lies behind the marker. What the history refuses was refused to the request as well, and ends.
 */
export async function clearAsked(
  message: NoticeMessage,
  deps: ConsumerDeps,
  comeAgain: (message: NoticeMessage) => void,
): Promise<void> {
  const { tenant, conversation_id, cleared_through } = message.body
  try {
    await deps.history.clearInSteps(tenant, [conversation_id], cleared_through as number)
  } catch (cause) {
    const why = { cause: describeError(cause) }
    if (cause instanceof EventPersistenceError && !cause.transient) {
      // As for want of a right. Later, with the right, nobody would expect it any more.
      deps.log('error', 'Postgres refused to clear a conversation, which stays as it is', why)
    } else {
      deps.log('warn', 'a conversation could not be cleared; it is retried', why)
      comeAgain(message)
    }
    return
  }
  await clearObject(message, deps, comeAgain)
}
