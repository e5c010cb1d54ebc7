import { describe, expect, it } from 'vitest'
import { requestStates } from '../../../src/explorer/views/conversation/spans/requests.ts'
import { durationOf, liesOutside, outcomeOf, type Span } from '../../../src/explorer/views/conversation/spans/span.ts'
import { isSpan, type Spans, spansOf } from '../../../src/explorer/views/conversation/spans/spans.ts'
import { requestSummary } from '../../../src/model/request-summary.ts'
import { sampleRun } from '../../../src/model/sample-run.ts'
import { seeded } from '../sample-conversations.ts'
import { itemsOf, told, topicTold } from './items.ts'

const END = Number.POSITIVE_INFINITY

/** Names indented by what they are in, with the topic events on them. */
function outline(spans: Spans): string[] {
  const lines: string[] = []
  const add = (span: Span) => {
    const marks = span.marks.map((mark) => `${mark.type === 'ConsumeFromTopic' ? '<' : '>'}${mark.topic}`)
    lines.push(`${'  '.repeat(span.depth)}${[span.name, outcomeOf(span, END), ...marks].join(' ')}`)
    span.children.forEach(add)
  }
  for (const root of spans.roots) {
    if (isSpan(root)) add(root)
    else if (!root.span) lines.push(`(${root.type})`)
  }
  return lines
}

const started = (...names: string[]) => names.map((name) => told({ type: `${/^[A-Z][a-z]+/.exec(name)?.[0]}Invoke`, name: name }))

describe('the runs that events tell of', () => {
  it('stand in each other as Graphite ran them, with their topic events', () => {
    const random = seeded(1)
    const events = sampleRun({ conversationId: 'c', startedAt: new Date(0), turns: 0, random, finished: true })
    expect(outline(spansOf(itemsOf(events)))).toEqual([
      'ReActAssistant ended',
      '  ReActAssistantWorkflow ended >agent_input_topic <agent_output_topic',
      '    ThoughtNode ended <agent_input_topic >thought_result',
      '      ThoughtLLMTool ended',
      '    SummaryNode ended <thought_result >agent_output_topic',
      '      SummaryLLMTool ended',
    ])
  })

  it('end as the summary of a request says', () => {
    const random = seeded(2)
    const events = sampleRun({ conversationId: 'c', startedAt: new Date(0), turns: 3, random, finished: false })
    const cut = events.slice(0, -4)
    const { all } = spansOf(itemsOf(cut))
    const open = all.filter((span) => outcomeOf(span, END) === 'open').map((span) => span.name)
    const summary = requestSummary(cut)
    expect(open).toEqual(summary.unfinished.map(({ name }) => name))
    expect(open.length).toBeGreaterThan(2)
    const took = all.filter((span) => span.family === 'tool').map((span) => durationOf(span, END))
    expect(took.filter((ms) => ms !== null)).toHaveLength(summary.durations.tool.count)
    expect(Math.max(...took.map((ms) => ms ?? 0))).toBe(summary.durations.tool.max_ms)
  })

  it('keep apart the requests that run at the same time', () => {
    const of = (request: string, type: string, name: string) => told({ request, type, name })
    const events = [
      of('r1', 'AssistantInvoke', 'a1'),
      of('r2', 'AssistantInvoke', 'a2'),
      of('r1', 'WorkflowInvoke', 'w1'),
      of('r2', 'WorkflowInvoke', 'w2'),
      of('r2', 'NodeInvoke', 'n2'),
      of('r1', 'NodeInvoke', 'n1'),
      of('r2', 'AssistantRespond', 'a2'),
    ]
    const spans = spansOf(itemsOf(events))
    expect(outline(spans)).toEqual(['a1 open', '  w1 open', '    n1 open', 'a2 ended', '  w2 open', '    n2 open'])
    expect(requestStates(spans, END).map(({ request, outcome }) => [request, outcome])).toEqual([
      ['r1', 'open'],
      ['r2', 'ended'],
    ])
  })

  it('put a tool into that of several nodes whose message it takes', () => {
    const consumed = (id: string, message: string) =>
      topicTold({ type: 'ConsumeFromTopic', id, messages: [{ message_id: message, role: 'user' }] })
    const events = [
      told({ type: 'WorkflowInvoke', name: 'w' }),
      told({ type: 'NodeInvoke', name: 'left', input: [consumed('c1', 'm1')] }),
      told({ type: 'NodeInvoke', name: 'right', input: [consumed('c2', 'm2')] }),
      told({ type: 'ToolInvoke', name: 'of right', input: [{ message_id: 'm0' }, { message_id: 'm2' }] }),
      told({ type: 'ToolInvoke', name: 'of left', input: [{ message_id: 'm1' }] }),
    ]
    expect(outline(spansOf(itemsOf(events)))).toEqual([
      'w open',
      '  left open',
      '    of left open',
      '  right open',
      '    of right open',
    ])
  })

  it('put a run that is taken up again beside the one that died', () => {
    const events = started('AssistantX', 'WorkflowX', 'NodeX', 'ToolX', 'AssistantX', 'WorkflowX', 'NodeX', 'ToolX')
    expect(outline(spansOf(itemsOf(events)))).toEqual([
      'AssistantX open',
      '  WorkflowX open',
      '    NodeX open',
      '      ToolX open',
      'AssistantX open',
      '  WorkflowX open',
      '    NodeX open',
      '      ToolX open',
    ])
  })

  it('put another assistant into the tool that calls it', () => {
    const spans = spansOf(itemsOf(started('AssistantX', 'WorkflowX', 'NodeX', 'ToolX', 'AssistantY', 'WorkflowY')))
    expect(outline(spans).at(-1)).toBe('          WorkflowY open')
  })

  it('stand under the next one up, or at the top, where what they ran in is missing', () => {
    expect(outline(spansOf(itemsOf(started('AssistantX', 'NodeX'))))).toEqual(['AssistantX open', '  NodeX open'])
    expect(outline(spansOf(itemsOf(started('ToolX'))))).toEqual(['ToolX open'])
  })

  it('show an end without a beginning', () => {
    const spans = spansOf(itemsOf([told({ type: 'NodeFailed', name: 'n', error: 'broken' })]))
    const [span] = spans.all
    expect(span).toMatchObject({ begin: null, failed: true, error: 'broken', end: { seq: 1 } })
    expect(span && durationOf(span, END)).toBe(null)
    expect(spans.failures).toEqual([1])
  })

  it('find the node that is over for what is recorded late but happened in it', () => {
    const events = [
      told({ type: 'NodeInvoke', name: 'n', at: 10 }),
      told({ type: 'NodeRespond', name: 'n', at: 50 }),
      told({ type: 'ToolInvoke', name: 'in time', at: 30 }),
      told({ type: 'ToolInvoke', name: 'later', at: 90 }),
    ]
    expect(outline(spansOf(itemsOf(events)))).toEqual(['n ended', '  in time open', 'later open'])
  })

  it('tell when times contradict the nesting', () => {
    const events = [
      told({ type: 'NodeInvoke', name: 'n', at: 10 }),
      told({ type: 'ToolInvoke', name: 'early', at: 5 }),
      told({ type: 'ToolRespond', name: 'early', at: 20 }),
      told({ type: 'ToolInvoke', name: 'fits', at: 20 }),
      told({ type: 'ToolRespond', name: 'fits', at: 30 }),
      told({ type: 'NodeRespond', name: 'n', at: 40 }),
    ]
    const { all } = spansOf(itemsOf(events))
    expect(all.map((span) => [span.name, liesOutside(span, END)])).toEqual([
      ['n', false],
      ['early', true],
      ['fits', false],
    ])
  })

  it('take in a topic event that was recorded before the run that names it, from that run on', () => {
    const published = topicTold({ type: 'PublishToTopic', id: 'p', by: 'nobody' })
    const events = [published, told({ type: 'WorkflowInvoke', name: 'w', input: published })]
    const spans = spansOf(itemsOf(events))
    expect(outline(spans)).toEqual(['w open >t'])
    expect(outline(spansOf(itemsOf(events.slice(0, 1))))).toEqual(['(PublishToTopic)'])
  })

  it('understand events from before version 1.0', () => {
    const context = { id: undefined, name: undefined, type: undefined, node_id: 'n-1', node_name: 'OldNode', node_type: 'Node' }
    const events = [told({ type: 'NodeInvoke', context }), told({ type: 'NodeRespond', context, output: '[]' })]
    expect(outline(spansOf(itemsOf(events)))).toEqual(['OldNode ended'])
  })

  it("hold an application's own events, on the assistant that runs", () => {
    const events = [...started('AssistantX'), told({ type: 'Checkpoint' }), told({ type: 'Checkpoint', request: 'other' })]
    const spans = spansOf(itemsOf(events))
    expect(spans.all[0]?.marks.map(({ type }) => type)).toEqual(['Checkpoint'])
    expect(outline(spans).at(-1)).toBe('(Checkpoint)')
  })
})
