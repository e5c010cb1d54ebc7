import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layOutInColumns } from '../../../src/explorer/views/conversation/graph/layout/columns.ts'
import { layOut } from '../../../src/explorer/views/conversation/graph/layout/lay-out.ts'
import { Layouts } from '../../../src/explorer/views/conversation/graph/layout/layouts.ts'
import { NODE, type Part, type PartLayout } from '../../../src/explorer/views/conversation/graph/layout/part.ts'
import { partsOf, stack } from '../../../src/explorer/views/conversation/graph/layout/parts.ts'
import { nodeBehind } from '../../../src/explorer/views/conversation/graph/node-keys.ts'
import type { TopicNode } from '../../../src/explorer/views/conversation/graph/topic-graph.ts'
import { centred, firstViewport, isInSight } from '../../../src/explorer/views/conversation/graph/viewport.ts'

const anyPart = fc
  .array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 20 })
  .map((pairs): Part => ({ count: 12, edges: pairs.filter(([from, to]) => from < to) }))

describe.each([
  ['dagre', layOut],
  ['columns', layOutInColumns],
] as const)('a layout by %s', (_, layOutPart) => {
  it('goes from left to right, and lets no two nodes overlap', () => {
    fc.assert(
      fc.property(anyPart, (part) => {
        const { places, height } = layOutPart(part)
        expect(places).toHaveLength(part.count)
        for (const [from, to] of part.edges) expect(places[to]?.x).toBeGreaterThan((places[from]?.x ?? NaN) + NODE.width)
        const overlaps = places.filter((one, index) =>
          places.some(
            (other, at) => at < index && Math.abs(one.x - other.x) < NODE.width && Math.abs(one.y - other.y) < NODE.height,
          ),
        )
        expect(overlaps).toEqual([])
        for (const { y } of places) expect(y >= 0 && y + NODE.height <= height + 0.001).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('comes to an end for a cycle', () => {
    const cycle: Part = {
      count: 3,
      edges: [
        [0, 1],
        [1, 2],
        [2, 1],
      ],
    }
    expect(layOutPart(cycle).places).toHaveLength(3)
  })
})

describe('a graph in parts', () => {
  const nodes = [nodeOf(1, [], [3]), nodeOf(2, [], []), nodeOf(3, [1], []), nodeOf(4, [], [])]

  it('has what hangs together in one', () => {
    const parts = partsOf(nodes)
    expect(parts.map(({ seqs }) => seqs)).toEqual([[1, 3], [2], [4]])
    expect(parts[0]?.edges).toEqual([[0, 1]])
    expect(new Set(parts.map(({ key }) => key)).size).toBe(3)
  })

  it('has them one below the other', () => {
    const places = stack(partsOf(nodes).map((part) => [part, layOut(part)] as const))
    const y = [1, 3, 2, 4].map((seq) => places.get(seq)?.y ?? NaN)
    expect(y[0]).toBe(y[1])
    expect(y[2]).toBeGreaterThan((y[1] ?? NaN) + NODE.height)
    expect(y[3]).toBeGreaterThan((y[2] ?? NaN) + NODE.height)
  })
})

describe('layouts', () => {
  const LAYOUT: PartLayout = { places: [], height: 0 }
  const part = (key: string) => ({ key, seqs: [], count: 0, edges: [] })

  function held() {
    const begun: (() => void)[] = []
    const layouts = new Layouts({ layOut: () => new Promise((resolve) => begun.push(() => resolve(LAYOUT))) })
    const settle = async () => {
      begun.shift()?.()
      await new Promise((resolve) => setTimeout(resolve))
    }
    return { layouts, begun, settle }
  }

  it('are made once for each part', async () => {
    const { layouts, begun, settle } = held()
    const done: string[] = []
    layouts.want([part('a'), part('b')], () => done.push('first'))
    await settle()
    await settle()
    layouts.want([part('b'), part('a')], () => done.push('second'))
    await settle()
    expect([done, begun]).toEqual([['first', 'second'], []])
    expect(layouts.of(part('a'))).toBe(LAYOUT)
  })

  it('are given up for what is wanted instead', async () => {
    const { layouts, begun, settle } = held()
    const done: string[] = []
    layouts.want([part('a'), part('b'), part('c')], () => done.push('first'))
    layouts.want([part('x')], () => done.push('second'))
    layouts.want([part('z')], () => done.push('third'))
    await settle()
    await settle()
    expect([done, begun]).toEqual([['third'], []])
  })

  it('of a graph that grows faster than they are made are shown all the same', async () => {
    const { layouts, settle } = held()
    const done: number[] = []
    for (let version = 0; version < 5; version++) {
      layouts.want([part(`grown ${version}`)], () => done.push(version))
      await settle()
    }
    expect(done).toEqual([0, 1, 2, 3, 4])
    layouts.want([part('slow')], () => done.push(5))
    layouts.want([part('slow, grown')], () => done.push(6))
    await settle()
    expect(done.at(-1)).toBe(5)
  })
})

describe('the keys of the graph', () => {
  const nodes = [nodeOf(1, [], [2, 3]), nodeOf(2, [1], []), nodeOf(3, [1], []), nodeOf(4, [], [])]
  const places = new Map([
    [1, { x: 0, y: 40 }],
    [2, { x: 230, y: 80 }],
    [3, { x: 230, y: 0 }],
    [4, { x: 0, y: 200 }],
  ])
  it.each([
    ['ArrowRight', 1, 3],
    ['ArrowRight', 2, null],
    ['ArrowLeft', 2, 1],
    ['ArrowLeft', 1, null],
    ['ArrowDown', 3, 2],
    ['ArrowDown', 2, 4],
    ['ArrowUp', 4, 1],
    ['ArrowUp', 3, null],
    ['Home', 4, 1],
    ['End', 1, 4],
    ['a', 1, null],
  ])('%s leads from %i to %s', (key, from, to) => {
    expect(nodeBehind(key, nodes[from - 1] as TopicNode, { nodes, places })).toBe(to)
  })
})

describe('the first look at a graph', () => {
  const size = { width: 1000, height: 500 }
  const row = (count: number) => new Map(Array.from({ length: count }, (_, at) => [at, { x: at * 230, y: 0 }]))

  it('is all of it where that can be read', () => {
    for (const count of [1, 2, 4, 6]) {
      const viewport = firstViewport(row(count), size, undefined)
      for (const place of row(count).values()) expect(isInSight(place, size, viewport)).toBe(true)
      expect(viewport.zoom).toBeLessThanOrEqual(1)
    }
  })

  it('is its beginning, or what is selected, where it is larger', () => {
    const places = row(50)
    const first = firstViewport(places, size, undefined)
    expect(isInSight({ x: 0, y: 0 }, size, first)).toBe(true)
    expect(isInSight({ x: 49 * 230, y: 0 }, size, first)).toBe(false)
    expect(isInSight({ x: 49 * 230, y: 0 }, size, firstViewport(places, size, places.get(49)))).toBe(true)
  })

  it('has a centred node in the middle', () => {
    expect(centred({ x: 0, y: 0 }, size, 1)).toEqual({ x: 500 - NODE.width / 2, y: 250 - NODE.height / 2, zoom: 1 })
  })
})

function nodeOf(seq: number, upstream: number[], downstream: number[]): TopicNode {
  return { seq, type: 'PublishToTopic', topic: 't', offset: 0, by: 'A', request: 'r', upstream, downstream }
}
