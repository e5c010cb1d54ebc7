import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkAgentEvent } from '../../src/model/check-agent-event.ts'
import { AGENT_EVENT_TYPES } from '../../src/model/event-types.ts'
import { parseJson, stringifyJson } from '../../src/model/json.ts'
import { MAX_ID_LENGTH } from '../../src/model/limits.ts'
import { recordedRun, WHY_SKIPPED } from './recorded-run.ts'
import { published, run, toolInvoke } from './sample-events.ts'

function issuesOf(value: unknown) {
  const check = checkAgentEvent(value)
  return check.ok ? [] : check.issues
}

function pathsOf(value: unknown): string[] {
  return issuesOf(value).map((issue) => issue.path)
}

function headOf(value: unknown) {
  const check = checkAgentEvent(value)
  if (!check.ok) throw new Error(JSON.stringify(check.issues))
  return check.head
}

const withContext = (members: object, event: { event_context: object } = toolInvoke()) => ({
  ...event,
  event_context: { ...event.event_context, ...members },
})

const withInvokeContext = (members: object) => {
  const event = toolInvoke()
  return withContext({ invoke_context: { ...event.event_context.invoke_context, ...members } })
}

describe('checkAgentEvent', () => {
  it('reads the head and the conversation of a topic event', () => {
    const event = published()
    expect(checkAgentEvent(event)).toEqual({
      ok: true,
      conversation_id: 'conversation-1',
      head: {
        event_id: event.event_id,
        assistant_request_id: 'request-1',
        event_type: 'PublishToTopic',
        event_name: null,
        event_version: '1.0',
        user_id: '',
        topic_name: 'agent_input_topic',
        topic_offset: 0,
        timestamp: event.timestamp.replace('+00:00', 'Z'),
      },
    })
  })

  it('takes a component name for no topic', () => {
    expect(headOf(toolInvoke())).toMatchObject({ topic_name: null, topic_offset: null })
  })

  it('accepts every event of a run', () => {
    for (const event of run({ turns: 2 })) expect(issuesOf(event)).toEqual([])
  })

  it('accepts the events of a run with numbers kept exactly', () => {
    for (const event of run()) expect(issuesOf(parseJson(stringifyJson(event)))).toEqual([])
  })

  it('reads the topic name of events before 1.0', () => {
    const { name: _name, ...context } = published().event_context
    const event = { ...published(), event_context: { ...context, topic_name: 'old_topic' } }
    expect(headOf(event)).toMatchObject({ topic_name: 'old_topic', topic_offset: 0 })
  })

  it('accepts the component contexts and payloads of events before 1.0', () => {
    const { id, name, type, ...context } = toolInvoke().event_context
    const event = {
      ...toolInvoke(),
      event_version: undefined,
      event_context: { ...context, tool_id: id, tool_name: name, tool_type: type },
      data: { input_data: '[{"role":"user","content":"Hello"}]' },
    }
    expect(headOf(event)).toMatchObject({ event_type: 'ToolInvoke', event_version: null })
  })

  it('accepts a type it does not know, with data of any form', () => {
    for (const data of [{ a: 1 }, 'text', [1], null, undefined]) {
      expect(headOf({ ...toolInvoke(), event_type: 'BudgetExceeded', data }).event_type).toBe('BudgetExceeded')
    }
  })

  it('is not misled by types named as members of every object', () => {
    for (const event_type of ['__proto__', 'constructor', 'toString']) {
      expect(headOf({ ...toolInvoke(), event_type }).event_type).toBe(event_type)
    }
  })

  it.each(AGENT_EVENT_TYPES)('holds %s to the rules of its own type', (event_type) => {
    expect(pathsOf({ ...toolInvoke(), event_type, data: 7 })).toContain('data')
  })

  it('names every member that is missing', () => {
    expect(pathsOf({})).toEqual(['event_id', 'assistant_request_id', 'timestamp', 'event_type', 'event_context'])
    expect(issuesOf({ ...toolInvoke(), event_context: { invoke_context: {} } })).toEqual([
      { path: 'event_context.invoke_context.conversation_id', message: 'is missing: send a string' },
    ])
    expect(pathsOf(withContext({ invoke_context: undefined }))).toEqual(['event_context.invoke_context'])
  })

  it.each([null, undefined, 1, 'text', [], [{}]])('refuses %j, which is no object', (value) => {
    expect(issuesOf(value)).toEqual([expect.objectContaining({ path: '' })])
  })

  it.each([
    ['an empty id', ''],
    ['a dot', '.'],
    ['two dots', '..'],
    ['U+0000', 'a\u0000b'],
    ['a line break', 'a\nb'],
    ['a control character of Latin-1', 'a\u0085b'],
    ['half a surrogate pair', 'a\ud800b'],
    ['a long id', 'x'.repeat(MAX_ID_LENGTH + 1)],
    ['a number', 7],
  ])('refuses %s as an id, wherever an id stands', (_what, id) => {
    expect(pathsOf({ ...toolInvoke(), event_id: id })).toEqual(['event_id'])
    expect(pathsOf({ ...toolInvoke(), assistant_request_id: id })).toEqual(['assistant_request_id'])
    expect(pathsOf(withInvokeContext({ conversation_id: id }))).toEqual(['event_context.invoke_context.conversation_id'])
  })

  it('accepts any other text as an id', () => {
    for (const id of ['...', '../x', 'a b', '😀', '/', 'x'.repeat(MAX_ID_LENGTH)]) {
      expect(pathsOf({ ...toolInvoke(), event_id: id })).toEqual([])
    }
  })

  it('refuses names that cannot be stored', () => {
    expect(pathsOf(withInvokeContext({ user_id: '\ud800' }))).toEqual(['event_context.invoke_context.user_id'])
    expect(pathsOf({ ...toolInvoke(), event_version: 'v\u0000' })).toEqual(['event_version'])
    expect(pathsOf(withContext({ name: 'x'.repeat(MAX_ID_LENGTH + 1) }, published()))).toEqual(['event_context.name'])
  })

  it('takes an empty, a null and an absent user id', () => {
    expect(headOf(withInvokeContext({ user_id: '' })).user_id).toBe('')
    expect(headOf(withInvokeContext({ user_id: null })).user_id).toBeNull()
    expect(headOf(withInvokeContext({ user_id: undefined })).user_id).toBeNull()
  })

  it('requires the name and the offset of a topic event, and takes an empty name and offset -1', () => {
    expect(pathsOf(withContext({ name: undefined }, published()))).toEqual(['event_context.name'])
    expect(pathsOf(withContext({ offset: undefined }, published()))).toEqual(['event_context.offset'])
    for (const offset of [1.5, -2, 2 ** 31, '0'])
      expect(pathsOf(withContext({ offset }, published()))).toEqual(['event_context.offset'])
    expect(headOf(withContext({ name: '', offset: -1 }, published()))).toMatchObject({ topic_name: '', topic_offset: -1 })
  })

  it('looks at the form of payloads, not into them', () => {
    const payload = (input_data: unknown) => ({ ...toolInvoke(), data: { input_data } })
    for (const wrong of [undefined, null, 7, [7], [[]], [null]]) expect(pathsOf(payload(wrong))).toEqual(['data.input_data'])
    for (const right of [[], [{}], {}, [{ anything: [1] }], '[]']) expect(pathsOf(payload(right))).toEqual([])
  })

  it('refuses a time that is no real date', () => {
    expect(pathsOf({ ...toolInvoke(), timestamp: '2025-02-29T00:00:00Z' })).toEqual(['timestamp'])
  })

  it.each(['2025-02-01T00:00:00.0000000000Z', '9999-12-31T23:59:59-12:00'])(
    'says what bounds the time %s breaks',
    (timestamp) => {
      const bounds = expect.stringMatching(/at most 9 digits .* years 0001 to 9999 in UTC/)
      expect(checkAgentEvent({ ...toolInvoke(), timestamp })).toMatchObject({ issues: [{ path: 'timestamp', message: bounds }] })
    },
  )

  it('changes no prototype, whatever an event brings', () => {
    const text = stringifyJson(toolInvoke()).replace('{', '{"__proto__":{"polluted":1},')
    const nested = text
      .replace('"kwargs":{', '"kwargs":{"__proto__":{"polluted":1}')
      .replace('"data":{', '"data":{"__proto__":{"polluted":1},')
    for (const event of [JSON.parse(text), JSON.parse(nested)]) {
      expect(checkAgentEvent(event).ok).toBe(true)
      expect(Reflect.get({}, 'polluted')).toBeUndefined()
    }
  })

  it('does not take inherited members for the event', () => {
    expect(checkAgentEvent(JSON.parse('{"__proto__":{"event_type":"ToolInvoke","event_id":"x"}}')).ok).toBe(false)
  })

  it('answers for any value, with few and bounded issues', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const check = checkAgentEvent(value)
        expect(check.ok || check.issues.length > 0).toBe(true)
      }),
    )
    expect(JSON.stringify(issuesOf({ ...toolInvoke(), data: { input_data: Array(10_000).fill(0) } })).length).toBeLessThan(1_000)
  })

  it.skipIf(recordedRun === null)(`accepts every event of a recorded run (${WHY_SKIPPED})`, () => {
    const heads = (recordedRun ?? []).map(headOf)
    expect(heads).toHaveLength(39)
    expect(heads.filter((head) => head.topic_name !== null)).toHaveLength(13)
    expect(heads[0]?.timestamp).toBe('2025-08-28T10:40:11.078102Z')
  })
})
