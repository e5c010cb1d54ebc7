import { describe, expect, expectTypeOf, it } from 'vitest'
import type { AgentEvent, AgentEventOf } from '../../src/model/agent-events.ts'
import * as guards from '../../src/model/event-guards.ts'
import { AGENT_EVENT_TYPES, TOPIC_EVENT_TYPES } from '../../src/model/event-types.ts'

const { isAnyFailed, isAnyTopicEvent, ...each } = guards

describe('the guards of event types', () => {
  it('are one for each type, and tell that type from every other', () => {
    expect(Object.keys(each).toSorted()).toEqual(AGENT_EVENT_TYPES.map((type) => `is${type}`).toSorted())
    for (const [name, guard] of Object.entries(each)) {
      expect(AGENT_EVENT_TYPES.filter((event_type) => guard({ event_type }))).toEqual([name.slice('is'.length)])
    }
  })

  it('take anything', () => {
    for (const nothing of [null, undefined, 'ToolInvoke', {}, { event_type: 'Own' }, { event_type: null }]) {
      expect(Object.values(guards).some((guard) => guard(nothing))).toBe(false)
    }
  })

  it('know the families of topic events and of failures', () => {
    const types = (guard: (event: unknown) => boolean) => AGENT_EVENT_TYPES.filter((event_type) => guard({ event_type }))
    expect(types(isAnyTopicEvent).toSorted()).toEqual([...TOPIC_EVENT_TYPES].toSorted())
    expect(types(isAnyFailed)).toEqual(['NodeFailed', 'ToolFailed', 'WorkflowFailed', 'AssistantFailed'])
  })

  it('narrow an event to its type', () => {
    const events: AgentEvent[] = []
    expectTypeOf(events.filter(each.isToolRespond)).toEqualTypeOf<AgentEventOf<'ToolRespond'>[]>()
    expectTypeOf(events.filter(isAnyFailed).map((event) => event.data.error)).toEqualTypeOf<string[]>()
    expectTypeOf(events.filter(isAnyTopicEvent)[0]?.event_context.offset).toEqualTypeOf<number | null | undefined>()
  })
})
