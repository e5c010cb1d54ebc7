import type { Notice } from '../conversation/rpc.ts'

/** What the queue takes at once; a notice has a few hundred bytes of the 256 KB that these may have together. */
const SENT_AT_ONCE = 100

/** They are delivered so many seconds later at the earliest. */
export async function sendNotices(
  queue: Pick<Queue<Notice>, 'sendBatch'>,
  notices: readonly Notice[],
  delaySeconds = 0,
): Promise<void> {
  for (let at = 0; at < notices.length; at += SENT_AT_ONCE) {
    await queue.sendBatch(notices.slice(at, at + SENT_AT_ONCE).map((body) => ({ body, delaySeconds })))
  }
}
