import type { AgentEvent, AgentEventOf, InvokeContext } from './agent-events.ts'
import { isoformat } from './event-clock.ts'
import { type JsonObject, stringifyJson } from './json.ts'
import { sampleId, sampleText } from './sample-text.ts'

export interface SampleRunOptions {
  readonly conversationId: string
  /** A new id unless given. */
  readonly assistantRequestId?: string | undefined
  readonly startedAt: Date
  /** How often the assistant searches before it answers. */
  readonly turns: number
  /** Whether the run comes to its answer; else it stops before a further search, as if the process had died. True unless given. */
  readonly finished?: boolean | undefined
  /** Numbers in [0, 1): they make the ids, the texts and the durations. */
  readonly random: () => number
}

type PublishEvent = AgentEventOf<'PublishToTopic'>
type ConsumeEvent = AgentEventOf<'ConsumeFromTopic'>

interface Component {
  readonly id: string
  readonly name: string
  readonly type: string
}

interface NodeSpec {
  readonly node: Component
  readonly tool: Component
  readonly topic: string
  readonly topicType: string
  /** Characters of the tool's answer, and how long it takes to come, in microseconds. */
  readonly answerLength: number
  readonly answerMicros: number
  /** A language model reads the whole conversation; a function only the call. */
  readonly readsAll: boolean
  readonly answer: (text: string) => JsonObject
}

/**
 * The events of one run of a ReAct assistant, in the order and form in which Graphite records them, message timestamps as
 * bigint nanoseconds. A run has 3 events to begin, 24 a turn, and 15 to answer or 12 when it does not finish:
 * about 3.5 KB each. The same options give the same events.
 */
export function sampleRun(options: SampleRunOptions): AgentEvent[] {
  const { random, turns, finished = true } = options
  let micros = options.startedAt.getTime() * 1000
  const events: AgentEvent[] = []
  const history: JsonObject[] = []
  const offsets = new Map<string, number>()

  const requestId = options.assistantRequestId ?? sampleId(random)
  const invokeContext: InvokeContext = {
    conversation_id: options.conversationId,
    invoke_id: sampleId(random),
    assistant_request_id: requestId,
    user_id: '',
    kwargs: {},
  }

  const component = (name: string, type: string): Component => ({ id: sampleId(random), name, type })
  const pass = (atLeast: number) => {
    micros += Math.round(atLeast * (1 + random()))
  }
  const envelope = () => {
    pass(60)
    return { event_id: sampleId(random), event_version: '1.0', assistant_request_id: requestId, timestamp: isoformat(micros) }
  }
  const contextOf = (of: Component) => ({ ...of, invoke_context: invokeContext })
  const nodeContextOf = (of: Component) => ({ ...contextOf(of), subscribed_topics: [], publish_to_topics: [] })

  const message = (role: string, members: JsonObject): JsonObject => ({
    name: null,
    message_id: sampleId(random),
    timestamp: BigInt(micros) * 1000n + BigInt(Math.floor(random() * 1000)),
    content: null,
    refusal: null,
    annotations: role === 'user' ? null : [],
    audio: null,
    role,
    tool_call_id: null,
    tools: null,
    function_call: null,
    tool_calls: null,
    is_streaming: false,
    ...members,
  })

  const publish = (by: Component, consumed: readonly ConsumeEvent[], messages: JsonObject[]): PublishEvent => ({
    event_context: {
      consumed_event_ids: consumed.map((event) => event.event_id),
      publisher_name: by.name,
      publisher_type: by.type,
      name: '',
      type: 'NoneTopic',
      offset: -1,
      invoke_context: invokeContext,
    },
    ...envelope(),
    event_type: 'PublishToTopic',
    data: stringifyJson(messages),
  })

  /** The event as it is recorded once a topic has taken it in: the same id, now with the topic and its offset. */
  const placed = (event: PublishEvent, topic: string, type: string, publisher?: Component): PublishEvent => {
    const offset = offsets.get(topic) ?? 0
    offsets.set(topic, offset + 1)
    const by = publisher && { publisher_name: publisher.name, publisher_type: publisher.type }
    return { ...event, event_context: { ...event.event_context, ...by, name: topic, type, offset } }
  }

  const consume = (by: Component, from: PublishEvent): ConsumeEvent => ({
    event_context: {
      consumer_name: by.name,
      consumer_type: by.type,
      name: from.event_context.name,
      type: from.event_context.type,
      offset: from.event_context.offset,
      invoke_context: invokeContext,
    },
    ...envelope(),
    event_type: 'ConsumeFromTopic',
    data: from.data,
  })

  const runNode = (spec: NodeSpec, from: PublishEvent, last: JsonObject): { published: PublishEvent; answer: JsonObject } => {
    const consumed = consume(spec.node, from)
    const nodeInput = [consumed]
    const toolInput = spec.readsAll ? [...history] : [last]
    const nodeContext = nodeContextOf(spec.node)
    const toolContext = contextOf(spec.tool)
    events.push({
      ...envelope(),
      event_type: 'NodeInvoke',
      event_context: nodeContext,
      data: { input_data: nodeInput },
    })
    events.push({ ...envelope(), event_type: 'ToolInvoke', event_context: toolContext, data: { input_data: toolInput } })
    pass(spec.answerMicros)
    const answer = spec.answer(sampleText(spec.answerLength * (0.7 + 0.6 * random()), random))
    history.push(answer)
    events.push({
      ...envelope(),
      event_type: 'ToolRespond',
      event_context: toolContext,
      data: { input_data: toolInput, output_data: [answer] },
    })
    const output = publish(spec.node, [consumed], [answer])
    events.push({
      ...envelope(),
      event_type: 'NodeRespond',
      event_context: nodeContext,
      data: { input_data: nodeInput, output_data: output },
    })
    const published = placed(output, spec.topic, spec.topicType)
    events.push(consumed, published)
    return { published, answer }
  }

  const toolCall = (query: string): JsonObject => ({
    id: `call_${sampleId(random).slice(0, 24)}`,
    function: { arguments: stringifyJson({ query, max_results: 5 }), name: 'web_search' },
    type: 'function',
  })
  const llm = { readsAll: true, topicType: 'Topic', answerMicros: 1_000_000, answerLength: 750 }
  const says = (content: string) => message('assistant', { content })
  let callId: string | null = null
  const thought: NodeSpec = {
    ...llm,
    node: component('ThoughtNode', 'Node'),
    tool: component('ThoughtLLMTool', 'OpenAITool'),
    topic: 'thought_result',
    answer: says,
  }
  const action: NodeSpec = {
    ...llm,
    node: component('ActionNode', 'Node'),
    tool: component('ActionLLMTool', 'OpenAITool'),
    topic: 'action_search_result',
    answerLength: 60,
    answer: (text) => {
      const call = toolCall(text)
      callId = String(call.id)
      return message('assistant', { tool_calls: [call] })
    },
  }
  const search: NodeSpec = {
    node: component('SearchNode', 'Node'),
    tool: component('SearchTool', 'WebSearchTool'),
    topic: 'search_function_result',
    topicType: 'Topic',
    answerLength: 5000,
    answerMicros: 800_000,
    readsAll: false,
    answer: (content) => message('tool', { content, tool_call_id: callId }),
  }
  const observation: NodeSpec = {
    ...llm,
    node: component('ObservationNode', 'Node'),
    tool: component('ObservationLLMTool', 'OpenAITool'),
    topic: 'observation_result',
    answer: says,
  }
  const summary: NodeSpec = {
    ...llm,
    node: component('SummaryNode', 'Node'),
    tool: component('SummaryLLMTool', 'OpenAITool'),
    topic: 'agent_output_topic',
    topicType: 'AgentOutputTopic',
    answer: says,
  }

  const assistant = component('ReActAssistant', 'ReActAssistant')
  const workflow = component('ReActAssistantWorkflow', 'EventDrivenWorkflow')
  let last = message('user', { content: sampleText(100, random) })
  history.push(last)
  const input = publish({ id: '', name: '', type: '' }, [], [last])
  events.push({
    ...envelope(),
    event_type: 'AssistantInvoke',
    event_context: contextOf(assistant),
    data: { input_data: input },
  })
  events.push({
    ...envelope(),
    event_type: 'WorkflowInvoke',
    event_context: contextOf(workflow),
    data: { input_data: input },
  })
  let published = placed(input, 'agent_input_topic', 'AgentInputTopic', workflow)
  events.push(published)

  const step = (spec: NodeSpec) => {
    const outcome = runNode(spec, published, last)
    published = outcome.published
    last = outcome.answer
  }
  for (let turn = 0; turn < turns; turn++) for (const spec of [thought, action, search, observation]) step(spec)
  step(thought)
  step(finished ? summary : action)
  if (!finished) return events

  const output = consume(workflow, published)
  const data = { input_data: input, output_data: [output] }
  events.push(output)
  events.push({ ...envelope(), event_type: 'WorkflowRespond', event_context: contextOf(workflow), data })
  events.push({ ...envelope(), event_type: 'AssistantRespond', event_context: contextOf(assistant), data })
  return events
}
