import type { HttpEventStore } from '../../../client/index.ts'
import { type ConversationItem, itemOf } from '../../data/conversation-item.ts'
import type { ReadEvent } from '../../data/verbatim-codec.ts'
import { type WorkflowRun, workflowRun } from './model/workflow-run.ts'

/** Events of a run that are read for a list of runs: from its beginning, and then its last ones. */
const FIRST_EVENTS = 300
const LAST_EVENTS = 20

export interface RunSummary {
  readonly run: WorkflowRun
  /** Whether events in between were left out, so that there may be more activities. */
  readonly isPartial: boolean
}

/** A run as far as a list shows it. */
export async function readRunSummary(
  store: HttpEventStore<ReadEvent>,
  logId: string,
  headSeq: number,
  signal: AbortSignal,
): Promise<RunSummary> {
  const items: ConversationItem[] = []
  const read = async (after: number, untilSeq: number) => {
    for await (const stored of store.readConversation(logId, { after, untilSeq, signal })) items.push(itemOf(stored))
  }
  const isPartial = headSeq > FIRST_EVENTS + LAST_EVENTS
  await read(0, isPartial ? FIRST_EVENTS : headSeq)
  if (isPartial) await read(headSeq - LAST_EVENTS, headSeq)
  return { run: workflowRun(items), isPartial }
}
