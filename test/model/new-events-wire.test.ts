import { describe, expect, it } from 'vitest'
import type { AgentEvent } from '../../src/model/agent-events.ts'
import { checkAgentEvent } from '../../src/model/check-agent-event.ts'
import { AGENT_EVENT_TYPES } from '../../src/model/event-types.ts'
import { parseJson, stringifyJson } from '../../src/model/json.ts'
import { recordedRun, WHY_SKIPPED } from './recorded-run.ts'
import { remade } from './wire-events.ts'

const RUN = '{"conversation_id":"c","invoke_id":"i","assistant_request_id":"r","user_id":"","kwargs":{}}'
const MESSAGE =
  '{"name":null,"message_id":"m","timestamp":1756377611078069123,"content":"Hello","refusal":null,"annotations":null,"audio":null,"role":"user","tool_call_id":null,"tools":null,"function_call":null,"tool_calls":null,"is_streaming":false}'
const component = (more = '') => `{"id":"x","name":"N","type":"T","invoke_context":${RUN}${more}}`
const NODE_TOPICS = ',"subscribed_topics":[],"publish_to_topics":[]'
const TOPIC = `"name":"t","type":"Topic","offset":2,"invoke_context":${RUN}`
const PUBLISHER = '"consumed_event_ids":["e0"],"publisher_name":"P","publisher_type":"Node",'
const CONSUMER = '"consumer_name":"C","consumer_type":"Node",'

const envelope = (type: string) =>
  `"event_id":"e","event_version":"1.0","assistant_request_id":"r","event_type":"${type}","timestamp":"2025-08-28T10:40:11.078102+00:00"`
const topicText = (type: string, context: string) =>
  `{"event_context":{${context}${TOPIC}},${envelope(type)},"data":${JSON.stringify(`[${MESSAGE}]`)}}`
const componentText = (type: string, context: string, data: string) =>
  `{${envelope(type)},"event_context":${context},"data":{${data}}}`

const PUBLISHED = topicText('PublishToTopic', PUBLISHER)
const CONSUMED = topicText('ConsumeFromTopic', CONSUMER)
const ERROR = ',"error":"it broke"'

/** As `to_dict` of Graphite 0.0.36 writes them, after `json.dumps` without spaces. */
const TEXTS = [
  componentText('NodeInvoke', component(NODE_TOPICS), `"input_data":[${CONSUMED}]`),
  componentText('NodeRespond', component(NODE_TOPICS), `"input_data":[${CONSUMED}],"output_data":${PUBLISHED}`),
  componentText('NodeFailed', component(NODE_TOPICS), `"input_data":[${CONSUMED}]${ERROR}`),
  componentText('ToolInvoke', component(), `"input_data":[${MESSAGE}]`),
  componentText('ToolRespond', component(), `"input_data":[${MESSAGE}],"output_data":[${MESSAGE}]`),
  componentText('ToolFailed', component(), `"input_data":[${MESSAGE}]${ERROR}`),
  componentText('WorkflowInvoke', component(), `"input_data":${PUBLISHED}`),
  componentText('WorkflowRespond', component(), `"input_data":${PUBLISHED},"output_data":[${CONSUMED}]`),
  componentText('WorkflowFailed', component(), `"input_data":${PUBLISHED}${ERROR}`),
  componentText('AssistantInvoke', component(), `"input_data":${PUBLISHED}`),
  componentText('AssistantRespond', component(), `"input_data":${PUBLISHED},"output_data":[${CONSUMED}]`),
  componentText('AssistantFailed', component(), `"input_data":${PUBLISHED}${ERROR}`),
  PUBLISHED,
  CONSUMED,
  topicText('OutputTopic', PUBLISHER),
  topicText('TopicEvent', ''),
  topicText('StreamTopicEvent', ''),
]

const parsed = (text: string) => parseJson(text) as unknown as AgentEvent

describe("the wire form of the constructors' events", () => {
  it('is tested for every type of Graphite', () => {
    expect(TEXTS.map((text) => parsed(text).event_type).toSorted()).toEqual([...AGENT_EVENT_TYPES].toSorted())
  })

  it.each(TEXTS.map((text) => [parsed(text).event_type, text]))(
    "has Graphite's members in Graphite's order: %s",
    (_type, text) => {
      expect(stringifyJson(remade(parsed(text)))).toBe(text)
      expect(checkAgentEvent(remade(parsed(text)))).toMatchObject({ ok: true, conversation_id: 'c' })
    },
  )

  it.skipIf(recordedRun === null)(`is that of a recorded run, event by event (${WHY_SKIPPED})`, () => {
    const events = (recordedRun ?? []) as unknown as AgentEvent[]
    expect(events.length).toBe(39)
    for (const event of events) {
      // Python's text of the messages has spaces.
      const { data } = event
      const expected = typeof data === 'string' ? { ...event, data: stringifyJson(parseJson(data)) } : event
      expect(stringifyJson(remade(event))).toBe(stringifyJson(expected))
    }
  })
})
