import { describeError } from '../model/describe-error.ts'
import { clearObject } from './clear-object.ts'
import type { ConsumerDeps, NoticeMessage } from './consume-notices.ts'

/**
 * Does what a request to clear a conversation was to do, from the beginning: it may have ended anywhere. Where it was done, this changes
 * nothing: what was recorded since lies behind the marker.
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
    deps.log('warn', 'a conversation could not be cleared; it is retried', { cause: describeError(cause) })
    comeAgain(message)
    return
  }
  await clearObject(message, deps, comeAgain)
}
