import type { AppendAnswer } from '../conversation/rpc.ts'
import { RequestFailure } from '../protocol/failure.ts'
import type { RouteContext } from './context.ts'
import type { ConversationBatch } from './conversation-batches.ts'

export type Recorded = Extract<AppendAnswer, { outcome: 'recorded' }>

export interface AppendOptions {
  readonly expected_seq?: number | undefined
  readonly on_conflict: 'report' | 'reject'
  readonly check_only: boolean
  /** The answers name the ids of the events that are new. */
  readonly list_fresh: boolean
  /** The answers tell where each event stands. */
  readonly list_seqs?: boolean
  /** Whether parts of the request can stand already when another part is refused. */
  readonly partly: boolean
}

/** Objects called at once for one request. */
const CONCURRENT_CALLS = 64

/** Hands each conversation's part of a request to its object. The answers come in the order of the batches. */
export async function appendBatches(
  { deps, tenant }: Pick<RouteContext, 'deps' | 'tenant'>,
  batches: readonly ConversationBatch[],
  { partly, ...options }: AppendOptions,
): Promise<Recorded[]> {
  const answers: Recorded[] = []
  for (let at = 0; at < batches.length; at += CONCURRENT_CALLS) {
    const calls = batches.slice(at, at + CONCURRENT_CALLS).map(async (batch) => {
      const answer = await deps.conversations(tenant, batch.conversation_id).append({ tenant, ...batch, ...options })
      return { conversationId: batch.conversation_id, answer }
    })
    // All of them, even when one fails: the request ends with its answer, and the others' notices would be lost with it.
    for (const settled of await Promise.allSettled(calls)) {
      if (settled.status === 'rejected') throw settled.reason
      const { conversationId, answer } = settled.value
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
