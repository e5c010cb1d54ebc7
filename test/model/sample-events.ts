import type { AgentEvent, AgentEventOf } from '../../src/model/agent-events.ts'
import { sampleRun } from '../../src/model/sample-run.ts'
import { seededRandom } from '../../src/model/sample-text.ts'

export function run(options: { turns?: number; finished?: boolean; seed?: number } = {}): AgentEvent[] {
  return sampleRun({
    conversationId: 'conversation-1',
    assistantRequestId: 'request-1',
    startedAt: new Date('2025-08-28T10:40:11.078Z'),
    turns: options.turns ?? 1,
    finished: options.finished ?? true,
    random: seededRandom(options.seed ?? 1),
  })
}

export function toolInvoke(): AgentEventOf<'ToolInvoke'> {
  const event = run().find((one) => one.event_type === 'ToolInvoke')
  if (event?.event_type !== 'ToolInvoke') throw new Error('The sample run has no ToolInvoke')
  return event
}

export function published(): AgentEventOf<'PublishToTopic'> {
  const event = run().find((one) => one.event_type === 'PublishToTopic')
  if (event?.event_type !== 'PublishToTopic') throw new Error('The sample run has no PublishToTopic')
  return event
}

/** A topic event with only what the graph reads. */
export function topicEvent(
  id: string,
  type: string,
  members: { topic?: string; offset?: number; consumed?: unknown; run?: string; at?: string },
): Record<string, unknown> {
  return {
    event_id: id,
    event_type: type,
    assistant_request_id: members.run ?? 'run',
    timestamp: members.at ?? '2025-01-01T00:00:00Z',
    event_context: { name: members.topic, offset: members.offset, consumed_event_ids: members.consumed },
  }
}
