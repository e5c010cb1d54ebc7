import { describe, expect, it } from 'vitest'
import { checkAgentEvent } from '../../src/model/check-agent-event.ts'
import { eventTokens, pathOf } from '../../src/model/event-tokens.ts'
import { AGENT_EVENT_TYPES } from '../../src/model/event-types.ts'
import type { TextRange } from '../../src/model/object-members.ts'
import { eventOfType } from './personal-texts.ts'

const SAID = 'what Ann said'

function kindsOf(event: object): Record<string, string[]> {
  const text = JSON.stringify(event, null, 1)
  const found = Object.groupBy(eventTokens(text), ({ kind }) => kind)
  const distinct = (tokens: readonly TextRange[]) => [...new Set(tokens.map(({ start, end }) => text.slice(start, end)))].sort()
  return Object.fromEntries(Object.entries(found).map(([kind, tokens]) => [kind, distinct(tokens)]))
}

describe('of an event', () => {
  it.each(AGENT_EVENT_TYPES)('of type %s what people say is personal, ids are identifiers, and the rest is structure', (type) => {
    const event = eventOfType(type, SAID)
    expect(checkAgentEvent(event)).toMatchObject({ ok: true })
    const { personal, identifier, structural } = kindsOf(event)
    expect(personal).toEqual([`"${SAID}"`])
    expect(identifier?.every((id) => id.startsWith('"id:'))).toBe(true)
    expect(identifier).toEqual(expect.arrayContaining(['"id:c"', '"id:e"', '"id:i"', '"id:r"', '"id:u"']))
    expect(identifier?.some((id) => id === '"id:n"' || id === '"id:m"')).toBe(true)
    expect(structural?.join()).not.toMatch(/id:|Ann/)
    expect(structural).toEqual(expect.arrayContaining([`"${type}"`, '"2025-08-28T10:40:11+00:00"']))
  })

  it('of an own type nothing but the envelope and the context is known', () => {
    const event = {
      ...eventOfType('ToolInvoke', SAID),
      event_type: 'FeedbackGiven',
      data: { name: SAID, type: SAID, input_data: [{ message_id: SAID, role: SAID }], stars: 4 },
    }
    const { personal, identifier, 'personal number': numbers } = kindsOf(event)
    expect(personal).toEqual([`"${SAID}"`, ...['Name', 'Type', 'id:x'].map((one) => `"${one}"`)].sort())
    expect(identifier).toEqual(['"id:c"', '"id:e"', '"id:i"', '"id:r"', '"id:u"'])
    expect(numbers).toEqual(['4'])
  })

  it('that an application published, names, types and ids of its workflow are known', () => {
    const event = {
      event_id: 'id:e',
      event_type: 'workflow',
      event_name: 'workflow_end',
      data: { owner: SAID, rows: 7 },
      metadata: {
        application_name: 'crawler',
        workflow_id: 'id:w',
        workflow_run_id: 'id:n',
        user_id: 'id:u',
        workflow_state: 'failed',
        attempt: 1,
        by: SAID,
      },
    }
    expect(kindsOf(event)).toEqual({
      identifier: ['"id:e"', '"id:n"', '"id:u"', '"id:w"'],
      structural: ['"crawler"', '"failed"', '"workflow"', '"workflow_end"'],
      personal: [`"${SAID}"`],
      'personal name': ['"by"', '"owner"', '"rows"'],
      'personal number': ['7'],
    })
  })

  it.each([
    ['a role that is none', { role: SAID }],
    ['a time that is none', { timestamp: SAID }],
    ['an object where a name is expected', { role: { name: SAID } }],
    ['a list where an id is expected', { message_id: [SAID] }],
    ['a list of lists of messages', { unheard: [[SAID], { deep: [{ role: SAID }] }] }],
    ['a string where true or false is expected', { is_streaming: SAID }],
    ['a tool’s type that is no word', { tools: [{ type: SAID }] }],
    ['a function’s name that is no word', { tool_calls: [{ function: { name: SAID } }], function_call: { name: SAID } }],
    ['a name of a topic that a message only seems to come from', { event_type: 'TopicEvent', event_context: { name: SAID } }],
    ['an offset of it that is none', { event_type: 'TopicEvent', event_context: { offset: SAID } }],
    ['a version of it that is none', { event_type: 'TopicEvent', event_context: {}, event_version: SAID }],
    ['its type', { event_type: SAID, event_context: {} }],
    [
      'names in it, of components and of what they read',
      { event_type: 'NodeInvoke', event_context: { node_name: SAID, subscribed_topics: [SAID, { type: SAID }] } },
    ],
    ['JSON within a string', { tool_calls: [{ function: { arguments: SAID } }] }],
  ])('%s is personal', (_what, message) => {
    const event = { ...eventOfType('ToolInvoke', SAID), data: { input_data: [message] } }
    const text = JSON.stringify(event)
    const kinds = eventTokens(text).filter(({ start, end }) => text.slice(start, end) === `"${SAID}"`)
    expect(new Set(kinds.map(({ kind }) => kind))).toEqual(new Set(['personal']))
  })

  it.each([
    ['event_version', { ...eventOfType('ToolInvoke', ''), event_version: SAID }],
    ['offset', { event_type: 'TopicEvent', event_context: { offset: SAID } }],
    ['attempt', { event_type: 'workflow', metadata: { attempt: SAID } }],
    ['created_timestamp', { event_type: 'workflow', metadata: { created_timestamp: SAID } }],
  ])('a string is personal where a number or a version is expected: %s', (_member, event) => {
    const { personal } = kindsOf(event)
    expect(personal).toContain(`"${SAID}"`)
  })

  it('a number is personal where a name or a role is expected', () => {
    const message = { role: 4917, tool_calls: [{ type: 4917, function: { name: 4917 } }], is_streaming: 4917 }
    const event = { ...eventOfType('ToolInvoke', SAID), data: { input_data: [message] } }
    expect(kindsOf(event)['personal number']).toEqual(['4917'])
    expect(kindsOf({ event_type: 'workflow', metadata: { attempt: 4917 } })['personal number']).toBeUndefined()
  })

  it('names as code has them are known in events within an event, too', () => {
    const nested = { event_type: 'OwnType', event_version: '1.0.0-rc.1', event_context: { name: 'x' } }
    const topic = { event_type: 'TopicEvent', event_version: '1.0', event_context: { name: 'agent_input_topic', type: 'Topic' } }
    const tools = [{ type: 'function', function: { name: 'search.web-2' } }]
    const event = { event_type: 'TopicEvent', event_context: {}, data: [nested, topic, { tools }] }
    expect(kindsOf(event).personal).toEqual(['"x"'])
  })

  it('the type counts wherever it stands, also of an event within an event', () => {
    const { event_type, ...rest } = eventOfType('NodeInvoke', SAID)
    expect(kindsOf({ ...rest, event_type })).toEqual(kindsOf({ event_type, ...rest }))
  })

  it('tells where a string stands by members and positions', () => {
    const text =
      '{ "event_type":"ToolInvoke","event_context":{},"data" : {"input_data":[ {}, {"content":"x","\\u0061":[1,["y"]]}]} }'
    const paths = eventTokens(text).filter(({ kind }) => kind === 'personal')
    expect(paths.map(pathOf)).toEqual([
      ['data', 'input_data', 1, 'content'],
      ['data', 'input_data', 1, 'a', 1, 0],
    ])
  })
})
