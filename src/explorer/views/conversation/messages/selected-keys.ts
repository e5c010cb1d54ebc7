import { member, text } from '../../../../model/event-context.ts'
import type { ConversationItem } from '../../../data/conversation-item.ts'
import { ownOf, requestOf } from './carriers.ts'
import { failureKey } from './thread-rows.ts'

/** The keys of what an event brought into the thread: the messages that are its own, and its failure. */
export function selectedKeys(item: ConversationItem | undefined, wholeOf: ReadonlyMap<string, string>): ReadonlySet<string> {
  if (!item) return new Set()
  const error = text(member(member(item.raw, 'data'), 'error'))
  const failure = error === null ? [] : [failureKey({ request: requestOf(item.raw), error })]
  const keys = failure.some((key) => wholeOf.has(key)) ? failure : ownOf(item.raw).map(({ key }) => key)
  return new Set(keys.map((key) => wholeOf.get(key)).filter((key) => key !== undefined))
}
