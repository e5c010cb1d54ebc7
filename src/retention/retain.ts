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
  /** What it has archived in part, as it stood then, and will find again. */
  readonly partly?: readonly ExpiredConversation[]
  /** How many conversations the archive did not take, none of others since. */
  readonly refused?: number
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

/** An archive that takes none of so many in turn is away: it is not asked for the others, too. */
const AWAY_AFTER = CHUNK

/** Deliveries go on meanwhile. A million conversations take a few hours. */
export const SECONDS_BETWEEN_TURNS = 5

const LONGEST_RETRY_SECONDS = 60

/** Where there is no term. Longer than anything is on its way that a clearing covers, which is known by what it left. */
const EMPTIED_DAYS = 30

/** A day's pass: removes what clearings have emptied, and begins to look for what is past its term. Never fails: the next one does what is left. */
export async function beginRetention(deps: RetentionDeps): Promise<void> {
  const now = deps.now()
  try {
    const { conversations, partitions, kept } = await deps.history.dropEmptied(retentionMarker(now, deps.days ?? EMPTIED_DAYS))
    if (conversations + partitions > 0) deps.log('info', 'dropped what clearings left empty', { conversations, partitions })
    if (kept.length > 0) {
      const fields = { partitions: kept.length, cause: kept.map(({ because }) => because).join('; ') }
      deps.log('warn', 'empty partitions could not be dropped: something depends on them', fields)
    }
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
 * consumer clears them. It looks at each once: what could not be archived keeps its events until the next pass. So does the rest of what
 * did not fit a turn, unless what was archived of it is cleared by the next one. Safe to repeat, and beside another.
 */
async function takeTurn(turn: RetentionTurn, deps: RetentionDeps): Promise<void> {
  const began = deps.now()
  const isInTime = () => deps.now() < began + LONGEST_TURN_MS
  const { expired_by } = turn
  let { after, partly = [], refused = 0 } = turn
  let found = 0
  let isLast = false
  const total = { events: 0, objects: 0, failed: 0, cause: undefined as unknown }
  while (!isLast && found < CONVERSATIONS_A_TURN && isInTime()) {
    const expired = await deps.history.expiredConversations(expired_by, after, CHUNK)
    if (expired.length === 0) {
      isLast = true
      break
    }
    const wanted = expired.filter((one) => !partly.some((other) => isSame(one, other)))
    const result = await archive(wanted, expired_by, isInTime, deps)
    await deps.notify(result.archived.map(noticeOf))
    total.events += result.events
    total.objects += result.objects
    total.failed += result.failed
    total.cause ??= result.cause
    const cut = result.archived.filter(({ through }) => through < expired_by).map(({ conversation }) => conversation)
    // The next turn begins with what this one had no time for.
    const next = result.unfinished === null ? undefined : wanted[result.unfinished]
    const done = next ? expired.indexOf(next) : expired.length
    found += done
    const behind = expired.slice(0, done)
    partly = [...partly.filter((one) => !behind.some((other) => isSame(one, other))), ...cut]
    refused = result.archived.length === 0 ? refused + Math.min(result.failed, done) : 0
    after = expired[done - 1] ?? after
    if (refused >= AWAY_AFTER) isLast = true
    else if (next) break
    else isLast = expired.length < CHUNK
  }
  if (!isLast)
    await deps.goOn({ expired_by, after, ...(partly.length > 0 ? { partly } : {}), ...(refused > 0 ? { refused } : {}) })
  if (found > 0 || total.objects > 0) logTurn(deps, total, { conversations: found, more: !isLast, ms: deps.now() - began })
}

function isSame(one: ExpiredConversation, other: ExpiredConversation): boolean {
  return one.tenant === other.tenant && one.conversation_id === other.conversation_id && one.first_at === other.first_at
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
