import type { AppendAnswer } from '../../conversation/rpc.ts'
import type { EventHead } from '../../model/event-head.ts'
import { RequestFailure } from '../../protocol/failure.ts'
import type { recordEvents as operation } from '../../protocol/operations.ts'
import { encodeSession } from '../../protocol/session.ts'
import type { Route, RouteContext } from '../context.ts'
import { flush } from '../flush.ts'
import { type ConversationBatch, readIncomingEvents } from '../incoming-events.ts'
import { eventFormatOf, readBody } from '../read-body.ts'

type Context = RouteContext<typeof operation>
type Recorded = Extract<AppendAnswer, { outcome: 'recorded' }>

/** Objects called at once for one request. */
const CONCURRENT_CALLS = 64

/** What a write waits for Postgres when its session overflows. */
const LONGEST_FLUSH_MS = 1_000

export const recordEvents: Route<typeof operation> = async (context) => {
  const { query } = context
  const format = eventFormatOf(context.request)
  const incoming = readIncomingEvents(await readBody(context.request), format)
  const { batches } = incoming
  const several = batches.length > 1
  if (query.expected_seq !== undefined && several) {
    const message = 'is for one conversation: send the events of each conversation in a request of its own'
    throw new RequestFailure({ kind: 'invalid-request', errors: [{ path: 'expected_seq', message }] })
  }
  if (query.on_conflict === 'reject') {
    if (incoming.conflicts.length > 0) {
      throw new RequestFailure({ kind: 'conflicting-events', conflicts: incoming.conflicts, partly_recorded: false })
    }
    if (several) await appendAll(context, batches, { checkOnly: true, partly: false })
  }
  const answers = await appendAll(context, batches, { checkOnly: false, partly: several })
  const elsewhere = await settle(context, batches, answers)

  const fresh = new Set(answers.flatMap((answer) => answer.fresh))
  const recorded = sum(answers, (answer) => answer.recorded) - elsewhere.filter((id) => fresh.has(id)).length
  const repeated = elsewhere.filter((id) => !fresh.has(id)).length
  return Response.json(
    {
      recorded,
      duplicates: sum(answers, (answer) => answer.duplicates) - repeated,
      conflicts: [...new Set([...incoming.conflicts, ...answers.flatMap((answer) => answer.conflicts), ...elsewhere])],
      conversations: batches.flatMap(({ conversation_id }, i) => {
        const range = answers[i]?.range
        return range ? [{ conversation_id, ...range }] : []
      }),
    },
    { status: recorded > 0 ? 201 : 200 },
  )
}

async function appendAll(
  context: Context,
  batches: readonly ConversationBatch[],
  { checkOnly, partly }: { readonly checkOnly: boolean; readonly partly: boolean },
): Promise<Recorded[]> {
  const { deps, tenant, query } = context
  const answers: Recorded[] = []
  for (let at = 0; at < batches.length; at += CONCURRENT_CALLS) {
    const calls = batches.slice(at, at + CONCURRENT_CALLS).map(async (batch) => {
      const answer = await deps.conversations(tenant, batch.conversation_id).append({
        tenant,
        ...batch,
        expected_seq: query.expected_seq,
        on_conflict: query.on_conflict ?? 'report',
        check_only: checkOnly,
        list_fresh: query.ack === 'persisted',
      })
      return { conversationId: batch.conversation_id, answer }
    })
    for (const { conversationId, answer } of await Promise.all(calls)) {
      switch (answer.outcome) {
        case 'recorded':
          answers.push(answer)
          break
        case 'conflict':
          throw new RequestFailure({ kind: 'conflicting-events', conflicts: answer.conflicts, partly_recorded: partly })
        case 'wrong-expected-seq': {
          const { expected_seq, head_seq } = answer
          throw new RequestFailure({ kind: 'wrong-expected-seq', conversation_id: conversationId, expected_seq, head_seq })
        }
      }
    }
  }
  return answers
}

/**
 * Notes what was written in the session, and brings to the history at once what is asked for or does not fit there.
 * With `ack=persisted`, answers with the ids of the request that stand in another conversation already.
 */
async function settle(
  context: Context,
  batches: readonly ConversationBatch[],
  answers: readonly Recorded[],
): Promise<readonly string[]> {
  const { deps, tenant } = context
  const written = new Map(context.session.written)
  const through = new Map<string, number>()
  batches.forEach(({ conversation_id }, i) => {
    const range = answers[i]?.range
    if (!range) return
    through.set(conversation_id, range.last_seq)
    written.delete(conversation_id)
    written.set(conversation_id, range.last_seq)
    deps.recent.wrote(tenant, conversation_id)
  })
  context.session = { ...context.session, written }
  if (context.query.ack === 'persisted') {
    await flush(deps, tenant, through)
    for (const id of through.keys()) written.delete(id)
    return idsElsewhere(context, batches)
  }
  // One conversation always fits.
  const left_out = written.size > 1 ? encodeSession(context.session).left_out : []
  if (left_out.length > 0) await letGo(context, written, left_out)
  return []
}

/** The object knows the ids of its own conversation; those of the tenant's others are known in the history. */
async function idsElsewhere({ deps, tenant }: Context, batches: readonly ConversationBatch[]): Promise<readonly string[]> {
  const sent = batches.flatMap(({ conversation_id, heads }) =>
    (JSON.parse(`[${heads}]`) as EventHead[]).map(({ event_id }) => ({ event_id, conversation_id })),
  )
  const found = await deps.history.conversationsOfEvents(
    tenant,
    sent.map(({ event_id }) => event_id),
  )
  const elsewhere = sent.filter(({ event_id, conversation_id }) => (found.get(event_id) ?? conversation_id) !== conversation_id)
  return [...new Set(elsewhere.map(({ event_id }) => event_id))]
}

/**
 * What no longer fits into the session's header goes to the history instead. While that is away nothing is lost by
 * letting it go, for reading one's own writes needs the history anyway; and recording waits for it but a moment.
 */
async function letGo(
  { deps, tenant, waitUntil }: Context,
  written: Map<string, number>,
  conversations: readonly string[],
): Promise<void> {
  const through = new Map(conversations.map((id) => [id, written.get(id) as number]))
  const flushed = flush(deps, tenant, through).catch((cause) =>
    deps.log('warn', 'a session too large for its header could not be flushed', { cause: String(cause) }),
  )
  waitUntil(flushed)
  await Promise.race([flushed, deps.wait(LONGEST_FLUSH_MS)])
  for (const id of conversations) written.delete(id)
}

function sum(answers: readonly Recorded[], count: (answer: Recorded) => number): number {
  return answers.reduce((total, answer) => total + count(answer), 0)
}
