import { describeError } from '../model/describe-error.ts'
import type { ConsumerDeps, NoticeMessage } from './consume-notices.ts'

/** Tells the conversation's object of a clearing; its notice comes again until that has worked. */
export async function clearObject(
  message: NoticeMessage,
  { conversation, log }: Pick<ConsumerDeps, 'conversation' | 'log'>,
  comeAgain: (message: NoticeMessage) => void,
): Promise<void> {
  try {
    await conversation(message.body).clear(message.body.cleared_through as number)
  } catch (cause) {
    log('warn', 'a conversation could not be cleared; it is retried', { cause: describeError(cause) })
    comeAgain(message)
  }
}
