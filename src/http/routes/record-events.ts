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

export const recordEvents: Route<typeof operation> = async (context) => {
  const format = eventFormatOf(context.request)
  const batches = readIncomingEvents(await readBody(context.request), format)
  if (context.query.expected_seq !== undefined && batches.length > 1) {
    throw new RequestFailure({
      kind: 'invalid-request',
      errors: [
        {
          path: 'expected_seq',
          message: 'is for one conversation: send the events of each conversation in a request of its own',
        },
      ],
    })
  }
  const several = batches.length > 1
  if (several && context.query.on_conflict === 'reject') await appendAll(context, batches, { checkOnly: true, partly: false })
  const answers = await appendAll(context, batches, { checkOnly: false, partly: several })
  const setAside = ofThisRequest(batches, await settle(context, batches, answers))

  const recorded = Math.max(sum(answers, (answer) => answer.recorded) - setAside.length, 0)
  return Response.json(
    {
      recorded,
      duplicates: sum(answers, (answer) => answer.duplicates),
      conflicts: [...new Set([...answers.flatMap((answer) => answer.conflicts), ...setAside])],
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

/** Notes what was written in the session, and brings to the history at once what is asked for or does not fit there. */
async function settle(
  context: Context,
  batches: readonly ConversationBatch[],
  answers: readonly Recorded[],
): Promise<readonly string[]> {
  const { deps, tenant } = context
  const written = new Map(context.session.written)
  batches.forEach(({ conversation_id }, i) => {
    const range = answers[i]?.range
    if (!range) return
    written.delete(conversation_id)
    written.set(conversation_id, range.last_seq)
    deps.recent.wrote(tenant, conversation_id)
  })
  context.session = { ...context.session, written }
  const ids = batches.map((batch) => batch.conversation_id)
  if (context.query.ack === 'persisted') {
    const setAside = await flush(deps, tenant, ids)
    for (const id of ids) written.delete(id)
    return setAside
  }
  const { left_out } = encodeSession(context.session)
  if (left_out.length > 0) {
    // Reading one's own writes needs Postgres anyway: while it is away nothing is lost by letting these go.
    await flush(deps, tenant, left_out).catch((cause) =>
      deps.log('warn', 'a session too large for its header could not be flushed', { cause: String(cause) }),
    )
    for (const id of left_out) written.delete(id)
  }
  return []
}

/** A flush takes all that its conversations hold: only what this request sent is its business. */
function ofThisRequest(batches: readonly ConversationBatch[], setAside: readonly string[]): string[] {
  if (setAside.length === 0) return []
  const sent = new Set(batches.flatMap(({ heads }) => (JSON.parse(`[${heads}]`) as EventHead[]).map((head) => head.event_id)))
  return setAside.filter((id) => sent.has(id))
}

function sum(answers: readonly Recorded[], count: (answer: Recorded) => number): number {
  return answers.reduce((total, answer) => total + count(answer), 0)
}
