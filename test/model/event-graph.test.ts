import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EventGraph, eventGraph } from '../../src/model/event-graph.ts'
import { recordedRun, WHY_SKIPPED } from './recorded-run.ts'
import { run, topicEvent } from './sample-events.ts'

const publish = (id: string, topic: string, offset: number, consumed: unknown = [], more: { run?: string; at?: string } = {}) =>
  topicEvent(id, 'PublishToTopic', { topic, offset, consumed, ...more })
const consume = (id: string, topic: string, offset: number, more: { run?: string; at?: string } = {}) =>
  topicEvent(id, 'ConsumeFromTopic', { topic, offset, ...more })

function nodeOf(graph: EventGraph, id: string) {
  const node = graph.nodes.find((one) => one.event_id === id)
  if (!node) throw new Error(`The graph has no ${id}`)
  return node
}

describe('eventGraph', () => {
  it('leads a consume back to the publish at its topic and offset, and a publish to what it consumed', () => {
    const graph = eventGraph([publish('p1', 'in', 0), consume('c1', 'in', 0), publish('p2', 'out', 0, ['c1'])])
    expect(graph).toEqual({
      nodes: [
        { event_id: 'p1', event_type: 'PublishToTopic', topic: 'in', offset: 0, upstream: [], downstream: ['c1'] },
        { event_id: 'c1', event_type: 'ConsumeFromTopic', topic: 'in', offset: 0, upstream: ['p1'], downstream: ['p2'] },
        { event_id: 'p2', event_type: 'PublishToTopic', topic: 'out', offset: 0, upstream: ['c1'], downstream: [] },
      ],
      roots: ['p1'],
      order: ['p1', 'c1', 'p2'],
    })
  })

  it('does not need events in the order of their causes', () => {
    const graph = eventGraph([publish('p2', 'out', 0, ['c1']), consume('c1', 'in', 0), publish('p1', 'in', 0)])
    expect(graph.order).toEqual(['p1', 'c1', 'p2'])
  })

  it('keeps runs apart, whose offsets are the same', () => {
    const graph = eventGraph([
      publish('p1', 'in', 0, [], { run: 'first' }),
      publish('p2', 'in', 0, [], { run: 'second' }),
      consume('c2', 'in', 0, { run: 'second' }),
      consume('c3', 'in', 0, { run: 'third' }),
    ])
    expect(nodeOf(graph, 'c2').upstream).toEqual(['p2'])
    expect(nodeOf(graph, 'c3').upstream).toEqual([])
  })

  it('reads the topic name of events before 1.0 and takes their OutputTopic for a publish', () => {
    const old = topicEvent('p1', 'OutputTopic', { offset: 0 })
    Object.assign(old.event_context as object, { topic_name: 'out' })
    expect(nodeOf(eventGraph([old, consume('c1', 'out', 0)]), 'c1').upstream).toEqual(['p1'])
  })

  it('passes over component events, repeated ids and values that are no events', () => {
    const graph = eventGraph([
      { event_id: 'n', event_type: 'NodeInvoke' },
      null,
      7,
      {},
      publish('p', 'a', 0),
      publish('p', 'b', 1),
    ])
    expect(graph.nodes.map((node) => node.topic)).toEqual(['a'])
  })

  it('leaves out ids that lead nowhere or are none', () => {
    const graph = eventGraph([publish('p1', 'in', 0, ['gone', 7, null, 'p2', 'p2']), publish('p2', 'in', 1, 'p1')])
    expect(nodeOf(graph, 'p1').upstream).toEqual(['p2'])
    expect(nodeOf(graph, 'p2').upstream).toEqual([])
  })

  it('orders what is independent by timestamp to the microsecond, then by event id', () => {
    const at = (id: string, time: string) => publish(id, id, 0, [], { at: `2025-01-01T${time}` })
    const events = [at('d', '00:00:00.000002Z'), at('b', '00:00:00Z'), at('a', '00:00:00Z'), at('c', '01:00:00.000001+01:00')]
    expect(eventGraph(events).order).toEqual(['a', 'b', 'c', 'd'])
  })

  it('puts the upstream first even where its clock is ahead', () => {
    const graph = eventGraph([publish('p1', 'in', 0, [], { at: '2025-01-01T00:00:09Z' }), consume('c1', 'in', 0)])
    expect(graph.order).toEqual(['p1', 'c1'])
  })

  it('puts events in a cycle last, in the order of ties', () => {
    const early = { at: '2020-01-01T00:00:00Z' }
    const graph = eventGraph([
      publish('b', 't', 0, ['a'], early),
      publish('a', 't', 1, ['b'], early),
      publish('self', 't', 2, ['self'], early),
      publish('free', 't', 3),
    ])
    expect(graph.order).toEqual(['free', 'a', 'b', 'self'])
    expect(graph.roots).toEqual(['free'])
  })

  it('orders a chain of a hundred thousand events', () => {
    const chain = Array.from({ length: 100_000 }, (_, index) => publish(`p${index}`, 't', index, [`p${index - 1}`]))
    expect(eventGraph(chain.toReversed()).order.slice(0, 3)).toEqual(['p0', 'p1', 'p2'])
  })

  it('holds every node once, its edges from both sides, and upstream first where there is no cycle', () => {
    const id = fc.integer({ min: 0, max: 12 })
    const forward = fc.array(fc.record({ id, consumed: fc.array(id), second: fc.integer({ min: 0, max: 3 }) }))
    fc.assert(
      fc.property(forward, fc.boolean(), (specs, acyclic) => {
        const events = specs.map((spec) =>
          publish(
            `e${spec.id}`,
            't',
            spec.id,
            spec.consumed.filter((from) => !acyclic || from < spec.id).map((from) => `e${from}`),
            {
              at: `2025-01-01T00:00:0${spec.second}Z`,
            },
          ),
        )
        const graph = eventGraph(events)
        const ids = graph.nodes.map((node) => node.event_id)
        expect(new Set(ids).size).toBe(ids.length)
        expect(graph.order.toSorted()).toEqual(ids.toSorted())
        for (const node of graph.nodes) {
          for (const up of node.upstream) {
            expect(nodeOf(graph, up).downstream).toContain(node.event_id)
            if (acyclic) expect(graph.order.indexOf(up)).toBeLessThan(graph.order.indexOf(node.event_id))
          }
        }
      }),
    )
  })

  it('leads from the answer of a whole run back to its question', () => {
    const graph = eventGraph(run({ turns: 2 }))
    expect(graph.roots).toHaveLength(1)
    expect(nodeOf(graph, graph.order[0] ?? '').topic).toBe('agent_input_topic')
    expect(nodeOf(graph, graph.order.at(-1) ?? '')).toMatchObject({ event_type: 'ConsumeFromTopic', topic: 'agent_output_topic' })
  })

  it.skipIf(recordedRun === null)(`joins a recorded run into one chain (${WHY_SKIPPED})`, () => {
    const graph = eventGraph(recordedRun ?? [])
    expect(graph.nodes).toHaveLength(13)
    expect(graph.roots).toEqual(['0637a854bab54f8294e7cc47f4525f59'])
    graph.order.slice(1).forEach((id, index) => {
      expect(nodeOf(graph, id).upstream).toEqual([graph.order[index]])
    })
  })
})
