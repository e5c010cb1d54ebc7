import { ConversationRanges } from '../model/conversation-ranges.ts'
import type { RecordResult } from '../model/event-store.ts'
import type { EventOutcome } from '../protocol/answers.ts'

/** The service's answer to a recording. */
export interface RecordAnswer extends RecordResult {
  /** What became of each event, in order within a conversation; absent unless asked for. */
  readonly events?: readonly EventOutcome[]
}

/** Throws when the text is no such answer, but that of something else at the service's address. */
export function readRecordAnswer(text: string): RecordAnswer {
  const answer = JSON.parse(text) as RecordAnswer
  if (typeof answer.recorded !== 'number' || !Array.isArray(answer.conversations)) throw new Error('no answer to a recording')
  return answer
}

/** What several requests did, as one. */
export function mergeResults(results: readonly RecordResult[]): RecordResult {
  const ranges = new ConversationRanges()
  for (const { conversation_id, first_seq, last_seq } of results.flatMap(({ conversations }) => conversations)) {
    ranges.include(conversation_id, first_seq)
    ranges.include(conversation_id, last_seq)
  }
  return {
    recorded: results.reduce((sum, { recorded }) => sum + recorded, 0),
    duplicates: results.reduce((sum, { duplicates }) => sum + duplicates, 0),
    conflicts: [...new Set(results.flatMap(({ conflicts }) => conflicts))],
    conversations: ranges.all(),
  }
}
