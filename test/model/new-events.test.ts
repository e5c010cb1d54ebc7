import { afterEach, describe, expect, it, vi } from 'vitest'
import { checkAgentEvent } from '../../src/model/check-agent-event.ts'
import {
  assistantFailed,
  assistantInvoke,
  consumeFromTopic,
  invokeContext,
  message,
  monitorAssistant,
  nodeInvoke,
  nodeRespond,
  publishToTopic,
  toolFailed,
  toolInvoke,
  toolRespond,
} from '../../src/model/public.ts'
import { compareInstants, toInstant } from '../../src/model/timestamp.ts'

const HEX_ID = /^[0-9a-f]{32}$/
const context = invokeContext({ conversation_id: 'conversation-1' })
const question = message({ role: 'user', content: 'Hello' })
const tool = { invoke_context: context, name: 'OpenAI Tool', type: 'LLMTool', input_data: [question] }

afterEach(() => vi.useRealTimers())

describe('what a constructor fills in', () => {
  it('is a new id, the version, the time and the ids of the context', () => {
    const before = Date.now()
    const event = toolInvoke(tool)
    expect(event.event_id).toMatch(HEX_ID)
    expect(toolInvoke(tool).event_id).not.toBe(event.event_id)
    expect(event.event_version).toBe('1.0')
    expect(event.assistant_request_id).toBe(context.assistant_request_id)
    expect(event.event_context.id).toMatch(HEX_ID)
    expect(event.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/)
    expect(Math.abs(Date.parse(event.timestamp) - before)).toBeLessThan(60_000)
    expect(checkAgentEvent(event).ok).toBe(true)
  })

  it('gives way to what is given', () => {
    const given = { event_id: 'mine', event_version: '2.0', id: 'tool-1' }
    const event = toolInvoke({ ...tool, ...given, timestamp: new Date('2025-08-28T10:40:11.078Z') })
    expect(event).toMatchObject({ event_id: 'mine', event_version: '2.0', timestamp: '2025-08-28T10:40:11.078000+00:00' })
    expect(event.event_context.id).toBe('tool-1')
    expect(toolInvoke({ ...tool, timestamp: new Date('2025-08-28T10:40:11Z') }).timestamp).toBe('2025-08-28T10:40:11+00:00')
    expect(toolInvoke({ ...tool, timestamp: '2025-08-28T10:40:11' }).timestamp).toBe('2025-08-28T10:40:11')
  })

  it('tells events apart in time, though the clock stands still', () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const instants = Array.from({ length: 100 }, () => toInstant(toolInvoke(tool).timestamp))
    for (const [index, at] of instants.entries()) {
      const previous = instants[index - 1]
      if (at && previous) expect(compareInstants(previous, at)).toBeLessThan(0)
      expect(at).not.toBeNull()
    }
  })

  it('follows a correction of the clock', () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.setSystemTime(Date.now() - 3_600_000)
    const at = Date.parse(toolInvoke(tool).timestamp)
    expect(Math.abs(at - Date.now())).toBeLessThan(60_000)
  })

  it('leaves out what Graphite leaves out', () => {
    const input = publishToTopic({ invoke_context: context, data: [question] })
    const facts = { invoke_context: context, name: 'A', type: 'Assistant', input_data: input }
    expect(assistantInvoke(facts).event_context).not.toHaveProperty('model')
    expect(assistantInvoke({ ...facts, model: '' }).event_context).not.toHaveProperty('model')
    expect(Object.keys(assistantInvoke({ ...facts, model: 'gpt' }).event_context).at(-1)).toBe('model')
    const failure = { ...facts, id: 'a', error: new Error('it broke') }
    expect(Object.keys(assistantFailed({ ...failure, error_details: null }).data)).toEqual(['input_data', 'error'])
    expect(assistantFailed({ ...failure, error_details: { error_id: 'x' } }).data).toEqual({
      input_data: input,
      error: 'it broke',
      error_details: { error_id: 'x' },
    })
  })

  it("are Graphite's defaults for a message that is in no topic yet", () => {
    expect(publishToTopic({ invoke_context: context, data: [] }).event_context).toEqual({
      consumed_event_ids: [],
      publisher_name: '',
      publisher_type: '',
      name: '',
      type: 'NoneTopic',
      offset: -1,
      invoke_context: context,
    })
  })
})

describe('the end of an invoke', () => {
  it('takes over the component, the context and the input of its invoke', () => {
    const invoke = toolInvoke(tool)
    const respond = toolRespond({ invoke, output_data: [message({ role: 'assistant', content: 'Hi' })] })
    expect(respond.event_context).toEqual(invoke.event_context)
    expect(respond.data.input_data).toEqual(invoke.data.input_data)
    expect(respond.event_id).not.toBe(invoke.event_id)
    expect(monitorAssistant([invoke, respond])).toMatchObject({ unfinished: [], durations: { tool: { count: 1 } } })
    expect(toolFailed({ invoke, error: 'no answer' }).data).toEqual({ input_data: [question], error: 'no answer' })
  })

  it("takes over a node's topics, and an assistant's model", () => {
    const run = { invoke_context: context }
    const consumed = consumeFromTopic({ ...run, name: 'in', type: 'Topic', offset: 0, data: [question] })
    const topics = { subscribed_topics: ['in'], publish_to_topics: ['out'] }
    const node = nodeInvoke({ ...run, name: 'Node', type: 'Node', input_data: [consumed], ...topics })
    const output_data = publishToTopic({ ...run, consumed_event_ids: [consumed.event_id], data: [question] })
    expect(nodeRespond({ invoke: node, output_data }).event_context).toEqual(node.event_context)
    const assistant = assistantInvoke({ ...run, name: 'A', type: 'A', model: 'gpt', input_data: output_data })
    expect(assistantFailed({ invoke: assistant, error: 'x' }).event_context).toEqual(assistant.event_context)
  })

  it('finds an invoke of a version before 1.0', () => {
    const invoke = toolInvoke(tool)
    const old = {
      ...invoke,
      event_context: { tool_id: 'x', tool_name: 'Old', tool_type: 'T', invoke_context: { conversation_id: 'c' } },
    }
    const respond = toolRespond({ invoke: old, output_data: [] })
    expect(respond.event_context).toEqual({ id: 'x', name: 'Old', type: 'T', invoke_context: { conversation_id: 'c' } })
    expect(respond.assistant_request_id).toBe(context.assistant_request_id)
    expect(monitorAssistant([old, respond]).unfinished).toEqual([])
  })

  it('does not change with a history that goes on', () => {
    const history = [question]
    const invoke = toolInvoke({ ...tool, input_data: history })
    const respond = toolRespond({ invoke, output_data: history })
    history.push(message({ role: 'assistant', content: 'Hi' }))
    expect(invoke.data.input_data).toEqual([question])
    expect(respond.data).toEqual({ input_data: [question], output_data: [question] })
  })
  it('tells of a failure whatever was thrown', () => {
    const invoke = toolInvoke(tool)
    const hostile = [
      Object.create(null),
      Object.defineProperty(new Error(), 'message', {
        get() {
          throw new Error('no')
        },
      }),
      Object.assign(new Error(), { message: { toString: null } }),
      Symbol('thrown'),
    ]
    for (const error of hostile) expect(toolFailed({ invoke, error }).data.error).toEqual(expect.any(String))
  })

  it('takes an object of any type along', () => {
    interface Settings {
      depth: number
    }
    const kwargs: Settings = { depth: 3 }
    expect(invokeContext({ conversation_id: 'c', kwargs }).kwargs).toEqual({ depth: 3 })
  })
})
