import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSameGraph, neighbourhood } from '../../../src/explorer/views/conversation/graph/neighbourhood.ts'
import { topicColors } from '../../../src/explorer/views/conversation/graph/topic-colors.ts'
import { placeName, TopicGraph, type TopicNode } from '../../../src/explorer/views/conversation/graph/topic-graph.ts'
import { parseJson } from '../../../src/model/json.ts'
import { itemsOf, topicTold } from '../conversation/items.ts'
import { sampleConversationTexts } from '../sample-conversations.ts'

function graphOf(events: readonly unknown[]): TopicGraph {
  const graph = new TopicGraph()
  graph.feed(itemsOf(events))
  return graph
}

describe('the graph of topic events', () => {
  it('links by seq what was published, who read it, and what they made of it', () => {
    const nodes = graphOf([
      { event_id: 'other', event_type: 'NodeInvoke' },
      topicTold({ type: 'PublishToTopic', id: 'in', by: 'User', topic: 'question', offset: 0 }),
      topicTold({ type: 'ConsumeFromTopic', id: 'read', by: 'Node', topic: 'question', offset: 0 }),
      topicTold({ type: 'PublishToTopic', id: 'out', by: 'Node', topic: 'answer', offset: 0, consumed: ['read', 'missing'] }),
    ]).upTo(4)
    expect(nodes).toEqual([
      { ...facts(2, 'PublishToTopic', 'question', 'User'), upstream: [], downstream: [3] },
      { ...facts(3, 'ConsumeFromTopic', 'question', 'Node'), upstream: [2], downstream: [4] },
      { ...facts(4, 'PublishToTopic', 'answer', 'Node'), upstream: [3], downstream: [] },
    ])
    expect(nodes.map(placeName)).toEqual(['question[0]', 'question[0]', 'answer[0]'])
  })

  it('is of a beginning of the events what those alone would give', () => {
    const event = fc
      .record({
        type: fc.constantFrom('PublishToTopic' as const, 'ConsumeFromTopic' as const),
        id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        topic: fc.constantFrom('t', 'u'),
        offset: fc.nat(1),
        request: fc.constantFrom('r', 's'),
        consumed: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }),
      })
      .map(topicTold)
    fc.assert(
      fc.property(fc.array(event, { maxLength: 10 }), fc.nat(10), (events, until) => {
        const graph = graphOf(events.slice(0, 3))
        graph.feed(itemsOf(events))
        const alone = graphOf(events.slice(0, until)).upTo(until)
        expect(graph.upTo(until).map(sorted)).toEqual(alone.map(sorted))
      }),
    )
  })

  it('gives each topic a colour of its own while there are enough', () => {
    const events = sampleConversationTexts({ id: 'c', startedAt: new Date(0), requests: 2, everyMs: 1 })
    const colors = topicColors(graphOf(events.map((text) => parseJson(text))).upTo(1000))
    expect(colors.size).toBe(6)
    expect(new Set(colors.values()).size).toBe(6)
  })
})

describe('the neighbourhood of an event', () => {
  const chain = (count: number): TopicNode[] =>
    Array.from({ length: count }, (_, index) => nodeOf(index + 1, index > 0 ? [index] : [], index + 1 < count ? [index + 2] : []))

  it('is all of a graph that is no larger', () => {
    const nodes = chain(5)
    expect(neighbourhood(nodes, 3, 5)).toBe(nodes)
  })

  it('goes both ways along the edges, and has the edges within', () => {
    const near = neighbourhood(chain(100), 50, 5)
    expect(near.map(({ seq }) => seq)).toEqual([48, 49, 50, 51, 52])
    expect(near[0]?.upstream).toEqual([])
    expect(near[4]?.downstream).toEqual([])
    expect(near[1]?.upstream).toEqual([48])
  })

  it('goes on with the parts recorded next to it where its own is smaller', () => {
    const pairs = Array.from({ length: 20 }, (_, index) => [
      nodeOf(index * 2 + 1, [], [index * 2 + 2]),
      nodeOf(index * 2 + 2, [index * 2 + 1], []),
    ]).flat()
    expect(neighbourhood(pairs, 20, 6).map(({ seq }) => seq)).toEqual([17, 18, 19, 20, 21, 22])
  })

  it('is known to be the same when nothing near has changed', () => {
    const near = (count: number) => neighbourhood(chain(count), 50, 9)
    expect(isSameGraph(near(100), near(120))).toBe(true)
    expect(isSameGraph(near(100), near(51))).toBe(false)
    expect(isSameGraph([nodeOf(1, [], [])], [nodeOf(1, [], [2])])).toBe(false)
    expect(isSameGraph([], [nodeOf(1, [], [])])).toBe(false)
  })

  it('has as many as may be, the centre or what stands before it among them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(80), fc.integer({ min: 1, max: 40 }), (count, centre, limit) => {
        const nodes = Array.from({ length: count }, (_, index) => nodeOf(index + 1, [], []))
        const near = neighbourhood(nodes, centre, limit)
        expect(near).toHaveLength(Math.min(count, limit))
        expect(near.map(({ seq }) => seq)).toContain(Math.max(1, Math.min(count, centre)))
      }),
    )
  })
})

function facts(seq: number, type: string, topic: string, by: string) {
  return { seq, type, topic, offset: 0, by, request: 'r' }
}

function nodeOf(seq: number, upstream: number[], downstream: number[]): TopicNode {
  return { ...facts(seq, 'PublishToTopic', 't', 'A'), upstream, downstream }
}

function sorted({ upstream, downstream, ...rest }: TopicNode) {
  return { ...rest, upstream: [...upstream].sort(), downstream: [...downstream].sort() }
}
