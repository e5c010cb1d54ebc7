import type { Notice } from '../conversation/rpc.ts'
import { backoffSeconds } from '../model/backoff.ts'
import { describeError } from '../model/describe-error.ts'
import type { EventHistory, ExpiredConversation } from '../model/history.ts'
import type { Log } from '../model/log.ts'
import { retentionMarker } from '../model/retention.ts'
import type { ArchiveConversations, Archived, ArchiveResult } from './archive.ts'

/** A message of the notices' queue: a pass goes on. */
export interface RetentionTurn {
  /** Unix ms: what was recorded at or before it is past its term. */
  readonly expired_by: number
  /** The last conversation that the pass has looked at; null where it begins. */
  readonly after: ExpiredConversation | null
}

export interface RetentionMessage {
  readonly body: RetentionTurn
  /** Deliveries of this message, this one included. */
  readonly attempts: number
  retry(options: { delaySeconds: number }): void
}

export interface RetentionDeps {
  /** Null: everything stays. */
  readonly days: number | null
  readonly history: Pick<EventHistory, 'expiredConversations' | 'dropEmptied'>
  /** Null: what goes is nowhere afterwards. */
  readonly archive: ArchiveConversations | null
  readonly notify: (notices: readonly Notice[]) => Promise<void>
  readonly goOn: (turn: RetentionTurn) => Promise<void>
  readonly log: Log
  /** Unix ms. */
  readonly now: () => number
}

/** Conversations looked up, archived and noticed together. */
const CHUNK = 100

/**
 * Conversations of one turn. Their notices share a queue with those of deliveries, which wait behind them: so many are ten batches.
 */
const CONVERSATIONS_A_TURN = 1_000

/** What comes into the queue with a turn waits for its end. */
const LONGEST_TURN_MS = 20_000

/** Deliveries go on meanwhile. A million conversations take a few hours. */
export const SECONDS_BETWEEN_TURNS = 5

const LONGEST_RETRY_SECONDS = 60

/** Where there is no term. Longer than anything is on its way that a clearing covers, which is known by what it left. */
const EMPTIED_DAYS = 30

/** A day's pass: removes what clearings have emptied, and begins to look for what is past its term. Never fails: the next one does what is left. */
export async function beginRetention(deps: RetentionDeps): Promise<void> {
  const now = deps.now()
  try {
    const { conversations, partitions } = await deps.history.dropEmptied(retentionMarker(now, deps.days ?? EMPTIED_DAYS))
    if (conversations + partitions > 0) deps.log('info', 'dropped what clearings left empty', { conversations, partitions })
  } catch (cause) {
    deps.log('warn', 'what clearings left empty could not be dropped; the next pass does it', { cause: describeError(cause) })
  }
  if (deps.days === null) return
  try {
    await takeTurn({ expired_by: retentionMarker(now, deps.days), after: null }, deps)
  } catch (cause) {
    deps.log('warn', 'what is past its term could not be looked for; the next pass does it', { cause: describeError(cause) })
  }
}

/** Goes on with a pass, unless another day's has taken its place or the term has been changed. */
export async function continueRetention(message: RetentionMessage, deps: RetentionDeps): Promise<void> {
  const { body, attempts } = message
  if (deps.days === null || body.expired_by !== retentionMarker(deps.now(), deps.days)) return
  try {
    await takeTurn(body, deps)
  } catch (cause) {
    deps.log('warn', 'a retention pass could not go on; it is retried', { cause: describeError(cause) })
    message.retry({ delaySeconds: backoffSeconds(attempts, LONGEST_RETRY_SECONDS) })
  }
}

/**
 * Finds conversations with events past their term, archives these where there is an archive, and has a notice queued for each, whose
 * consumer clears them. It looks at each once: what could not be archived keeps its events until the next pass. Safe to repeat, and
 * beside another.
 */
async function takeTurn(turn: RetentionTurn, deps: RetentionDeps): Promise<void> {
  const began = deps.now()
  const isInTime = () => deps.now() < began + LONGEST_TURN_MS
  const { expired_by } = turn
  let { after } = turn
  let found = 0
  let isLast = false
  const total = { events: 0, objects: 0, failed: 0, cause: undefined as unknown }
  while (!isLast && found < CONVERSATIONS_A_TURN && isInTime()) {
    const expired = await deps.history.expiredConversations(expired_by, after, CHUNK)
    if (expired.length === 0) {
      isLast = true
      break
    }
    const result = await archive(expired, expired_by, isInTime, deps)
    await deps.notify(result.archived.map(noticeOf))
    total.events += result.events
    total.objects += result.objects
    total.failed += result.failed
    total.cause ??= result.cause
    // The next turn begins with what this one had no time for.
    const done = result.unfinished ?? expired.length
    found += done
    after = expired[done - 1] ?? after
    // An archive that takes nothing is away: it is not asked for the others, too.
    if (result.archived.length === 0 && result.failed > 0) isLast = true
    else if (result.unfinished !== null) break
    else isLast = expired.length < CHUNK
  }
  if (!isLast) await deps.goOn({ expired_by, after })
  if (found > 0 || total.objects > 0) logTurn(deps, total, { conversations: found, more: !isLast, ms: deps.now() - began })
}

/** Where there is no archive, all of it may go. */
async function archive(
  expired: readonly ExpiredConversation[],
  marker: number,
  isInTime: () => boolean,
  deps: Pick<RetentionDeps, 'archive'>,
): Promise<ArchiveResult> {
  if (deps.archive) return deps.archive(expired, marker, isInTime)
  const archived = expired.map((conversation) => ({ conversation, through: marker }))
  return { archived, events: 0, objects: 0, failed: 0, cause: undefined, unfinished: null }
}

function logTurn(
  { archive, log }: RetentionDeps,
  { failed, cause, ...written }: Pick<ArchiveResult, 'events' | 'objects' | 'failed' | 'cause'>,
  fields: { readonly conversations: number; readonly more: boolean; readonly ms: number },
): void {
  log('info', 'found conversations with events past their term', archive ? { ...fields, failed, ...written } : fields)
  if (failed > 0) {
    const why = { conversations: failed, cause: describeError(cause) }
    log('warn', 'conversations could not be archived; they keep their events until the next pass', why)
  }
}

function noticeOf({ conversation: { tenant, conversation_id }, through }: Archived): Notice {
  return { tenant, conversation_id, cleared_through: through, history: 'expired' }
}
