import { describeError } from '../model/describe-error.ts'
import { encodeSession } from '../protocol/session.ts'
import type { Recorded } from './append-batches.ts'
import type { RouteContext } from './context.ts'
import type { ConversationBatch } from './conversation-batches.ts'
import { flush } from './flush.ts'

/** What a write waits for Postgres when its session overflows. */
const LONGEST_FLUSH_MS = 1_000

/**
 * Notes in the session where the ids of this request stand: what it wrote, what it repeated, and the first versions of its
 * conflicts. Answers with the conversations and the last such seq in each.
 */
export function noteWrites(
  context: RouteContext,
  batches: readonly ConversationBatch[],
  answers: readonly Recorded[],
): ReadonlyMap<string, number> {
  const written = new Map(context.session.written)
  const through = new Map<string, number>()
  batches.forEach(({ conversation_id }, i) => {
    const seq = answers[i]?.through_seq ?? 0
    if (seq === 0) return
    through.set(conversation_id, seq)
    // A repeat stands before what its client wrote since.
    const last = Math.max(seq, written.get(conversation_id) ?? 0)
    written.delete(conversation_id)
    written.set(conversation_id, last)
    context.deps.recent.wrote(context.tenant, conversation_id)
  })
  context.session = { ...context.session, written }
  return through
}

/** Brings to the history what this request wrote, and takes it out of the session. */
export async function persistWrites(context: RouteContext, through: ReadonlyMap<string, number>): Promise<void> {
  await flush(context.deps, context.tenant, through)
  const written = [...context.session.written].filter(([id, seq]) => seq > (through.get(id) ?? 0))
  context.session = { ...context.session, written: new Map(written) }
}

/**
 * What no longer fits into the session's header goes to the history instead. While that is away nothing is lost by
 * letting it go, for reading one's own writes needs the history anyway; and recording waits for it but a moment.
 */
export async function fitSession(context: RouteContext): Promise<void> {
  const { deps, tenant, waitUntil } = context
  const { written } = context.session
  // One conversation always fits.
  const leftOut = written.size > 1 ? encodeSession(context.session).left_out : []
  if (leftOut.length === 0) return
  const through = new Map(leftOut.map((id) => [id, written.get(id) as number]))
  const flushed = flush(deps, tenant, through).catch((cause) =>
    deps.log('warn', 'a session too large for its header could not be flushed', { cause: describeError(cause) }),
  )
  waitUntil(flushed)
  await Promise.race([flushed, deps.wait(LONGEST_FLUSH_MS)])
  context.session = { ...context.session, written: new Map([...written].filter(([id]) => !through.has(id))) }
}
