import { describeError } from '../model/describe-error.ts'
import { EventPersistenceError } from '../model/errors.ts'
import { retentionMarker } from '../model/retention.ts'
import { clearObject } from './clear-object.ts'
import type { ConsumerDeps, NoticeMessage } from './consume-notices.ts'

/** Conversations cleared in one transaction, for whose length the appends of their tenant wait. */
const CLEARED_AT_ONCE = 10

/**
 * Clears conversations of what is past its term: in the history, and then in their objects. A notice comes again until both have worked,
 * so whatever dies in between, nothing is left in one of them. The other way round an object that has forgotten everything would number
 * anew beside rows that the history still has. What today's term keeps stays, whatever a notice says.
 */
export async function clearExpired(
  messages: readonly NoticeMessage[],
  deps: ConsumerDeps,
  comeAgain: (message: NoticeMessage) => void,
): Promise<void> {
  const began = deps.now()
  const wanted = messages.filter(({ body }) => isPastTerm(body.cleared_through as number, deps))
  if (wanted.length < messages.length) {
    const fields = { conversations: messages.length - wanted.length }
    deps.log('info', 'what was past a term of before is kept: the term has been changed', fields)
  }
  let conversations = 0
  let events = 0
  let waiting = 0
  let isAway = false
  let failure: { readonly cause: unknown } | null = null
  const groups = groupsOf(wanted)
  for (let group = groups.shift(); group; group = groups.shift()) {
    const { tenant, cleared_through } = (group[0] as NoticeMessage).body
    const ids = [...new Set(group.map(({ body }) => body.conversation_id))]
    try {
      if (isAway) throw failure?.cause
      const removed = await deps.history.clearInSteps(tenant, ids, cleared_through as number)
      conversations += ids.length
      for (const count of removed.values()) events += count
    } catch (cause) {
      // The others would only wait for the same.
      isAway ||= cause instanceof EventPersistenceError && cause.transient
      if (!isAway && group.length > 1) {
        // Something is the matter with one of them.
        groups.unshift(...group.map((message) => [message]))
        continue
      }
      failure ??= { cause }
      waiting += ids.length
      group.forEach(comeAgain)
      continue
    }
    const left: NoticeMessage[] = []
    await Promise.all(group.map((message) => clearObject(message, deps, (failed) => left.push(failed))))
    await tellLater(left, deps, comeAgain)
  }
  if (conversations > 0) {
    deps.log('info', 'cleared what is past its term', { conversations, events, ms: deps.now() - began })
  }
  if (failure) {
    const fields = { conversations: waiting, cause: describeError(failure.cause) }
    deps.log('warn', 'what is past its term could not be cleared; it is retried', fields)
  }
}

function isPastTerm(marker: number, { retentionDays, now }: ConsumerDeps): boolean {
  return retentionDays !== null && marker <= retentionMarker(now(), retentionDays)
}

/**
 * What is left to do for an object that failed is known to its notice alone, since the history has nothing more for a pass to find: it
 * becomes one of a clearing, which is never given up on.
 */
async function tellLater(
  left: readonly NoticeMessage[],
  deps: ConsumerDeps,
  comeAgain: (message: NoticeMessage) => void,
): Promise<void> {
  try {
    await deps.notify(left.map(({ body: { history: _done, given_up: _rounds, ...clearing } }) => clearing))
  } catch {
    left.forEach(comeAgain)
  }
}

/** Messages of one tenant and time together, so many at a time. */
function groupsOf(messages: readonly NoticeMessage[]): NoticeMessage[][] {
  const groups = new Map<string, NoticeMessage[][]>()
  for (const message of messages) {
    const key = JSON.stringify([message.body.tenant, message.body.cleared_through])
    const cut = groups.get(key) ?? []
    groups.set(key, cut)
    const last = cut.at(-1)
    if (last && last.length < CLEARED_AT_ONCE) last.push(message)
    else cut.push([message])
  }
  return [...groups.values()].flat()
}
