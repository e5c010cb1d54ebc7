import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anonymise } from '../../src/model/anonymise.ts'
import { anonymiser } from '../../src/model/anonymiser.ts'
import { EventCodec } from '../../src/model/codec.ts'
import { cutElements } from '../../src/model/cut-elements.ts'
import { type EventGraph, eventGraph } from '../../src/model/event-graph.ts'
import { eventTokens } from '../../src/model/event-tokens.ts'
import { AGENT_EVENT_TYPES } from '../../src/model/event-types.ts'
import { stringifyJson } from '../../src/model/json.ts'
import { requestSummary } from '../../src/model/request-summary.ts'
import { eventOfType, eventTexts } from './personal-texts.ts'
import { recordedRunText, WHY_SKIPPED } from './recorded-run.ts'
import { run } from './sample-events.ts'

const SECRET = 'a secret of the caller’s own'

const textsOf = (array: string) => cutElements(array.trim().slice(1, -1)).map((text) => text.trim())

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(stringsOf)
}

function valuesOf(text: string, kind: string): string[] {
  return eventTokens(text)
    .filter((token) => token.kind === kind)
    .map(({ start, end }) => JSON.parse(text.slice(start, end)) as string)
}

/** All that there is for analyses must come out of the copies as it does of the events, ids apart. */
async function expectSameAnalyses(texts: readonly string[]): Promise<void> {
  const lines: string[] = []
  const codec = new EventCodec({ log: (line) => lines.push(line) })
  const copy = anonymiser(SECRET)
  const copies = await Promise.all(texts.map(copy))
  const [events, anonymous] = [codec.decodeAll(texts), codec.decodeAll(copies)]
  expect(lines).toEqual([])
  expect(anonymous.map(({ event_type }) => event_type)).toEqual(events.map(({ event_type }) => event_type))
  const pseudonyms = new Map(events.map(({ event_id }, at) => [event_id, anonymous[at]?.event_id ?? '']))
  const of = (id: string) => pseudonyms.get(id) ?? `unknown ${id}`
  expect(new Set(pseudonyms.values()).size).toBe(pseudonyms.size)
  expect(pseudonyms.values().some((id) => pseudonyms.has(id))).toBe(false)
  const { nodes, roots, order }: EventGraph = eventGraph(events)
  expect(eventGraph(anonymous)).toEqual({
    nodes: nodes.map((node) => ({
      ...node,
      event_id: of(node.event_id),
      upstream: node.upstream.map(of),
      downstream: node.downstream.map(of),
    })),
    roots: roots.map(of),
    order: order.map(of),
  })
  const summary = requestSummary(events)
  expect(requestSummary(anonymous)).toEqual({
    ...summary,
    unfinished: summary.unfinished.map((invoke) => ({ ...invoke, event_id: of(invoke.event_id) })),
  })
  expect(summary.durations.node.count).toBeGreaterThan(0)
  for (const one of new Set(texts.flatMap((text) => valuesOf(text, 'personal'))))
    if (one.length >= 4) expect(copies.some((text) => text.includes(JSON.stringify(one).slice(1, -1)))).toBe(false)
}

describe('an anonymised run', () => {
  it.each([true, false])(
    'decodes, and has the graph, the summary and the durations of the run (finished: %s)',
    async (finished) => {
      await expectSameAnalyses(run({ turns: 3, finished }).map(stringifyJson))
    },
  )

  it.skipIf(recordedRunText === null)(`the same goes for a recorded one (${WHY_SKIPPED})`, async () => {
    await expectSameAnalyses(textsOf(recordedRunText as string))
  })
})

it('runs are paired in copies by the ids of the messages that they take', async () => {
  const node = (event_type: string, id: string, second: string, message: string) =>
    JSON.stringify({
      ...eventOfType('NodeInvoke', ''),
      event_id: id,
      event_type,
      timestamp: `2025-01-01T00:00:${second}Z`,
      data: { input_data: [{ event_id: message, content: 'x' }], ...(event_type === 'NodeRespond' ? { output_data: [] } : {}) },
    })
  await expectSameAnalyses([
    node('NodeInvoke', '1', '00', 'a'),
    node('NodeInvoke', '2', '10', 'b'),
    node('NodeRespond', '3', '11', 'b'),
    node('NodeRespond', '4', '59', 'a'),
  ])
})

describe('an anonymised event', () => {
  it('holds nothing that anyone said, whatever the event', () => {
    fc.assert(
      fc.property(eventTexts, (text) => {
        const copy = anonymise(text, () => '0')
        const left = stringsOf(JSON.parse(copy))
        const names = valuesOf(text, 'structural')
        for (const said of new Set(valuesOf(text, 'personal'))) {
          // A placeholder, or a name elsewhere, may happen to hold the same.
          if (said.length < 4 || /^[\d\] characters[]+$/.test(said) || names.some((name) => name.includes(said))) continue
          expect(left.filter((one) => one.includes(said))).toEqual([])
        }
        for (const kind of ['identifier', 'personal name'])
          expect(new Set(valuesOf(copy, kind))).toEqual(new Set(valuesOf(text, kind).map((id) => (id === '' ? '' : '0'))))
      }),
      { numRuns: 300 },
    )
  })

  it.each(AGENT_EVENT_TYPES)('of type %s tells how much was said, and by which pseudonym', (type) => {
    const text = JSON.stringify(eventOfType(type, 'Ann 😀 said'))
    const copy = anonymise(text, (id) => `p(${id})`)
    expect(copy).not.toContain('Ann')
    expect(new Set(valuesOf(copy, 'personal'))).toEqual(new Set(['[10 characters]']))
    expect(new Set(valuesOf(copy, 'identifier'))).toEqual(new Set(valuesOf(text, 'identifier').map((id) => `p(${id})`)))
    expect(valuesOf(copy, 'structural')).toEqual(valuesOf(text, 'structural'))
  })

  it('keeps known numbers digit for digit, and makes 0 of others', () => {
    const event = `{"event_type":"ToolInvoke","event_context":{"name":"T","n":12,"invoke_context":{"kwargs":{"phone":491701234567}}},
      "data":{"input_data":[{"timestamp":1756377611078069123,"content":-0,"role":"user","is_streaming":true,"tool_calls":null}]}}`
    expect(anonymise(event, () => 'p')).toBe(
      event.replace('12', '0').replace('"n"', '"p"').replace('491701234567', '0').replace('"phone"', '"p"').replace('-0', '0'),
    )
  })

  it('leaves what is empty', () => {
    const event =
      '{"event_type":"ToolInvoke","event_context":{"invoke_context":{"user_id":"","kwargs":{}}},"data":{"input_data":[]}}'
    expect(anonymise(event, () => 'p')).toBe(event)
  })
})

describe('a pseudonym', () => {
  const event = (user: string) => `{"event_id":"e","event_context":{"invoke_context":{"user_id":${JSON.stringify(user)}}}}`
  const userOf = async (secret: string, user: string) =>
    JSON.parse(await anonymiser(secret)(event(user))).event_context.invoke_context.user_id as string

  it('is the same for the same id and secret, and another for any other', async () => {
    const first = await userOf(SECRET, 'ann')
    expect(first).toMatch(/^[\da-f]{32}$/)
    expect(await userOf(SECRET, 'ann')).toBe(first)
    const others = await Promise.all([
      userOf(SECRET, 'bob'),
      userOf(`${SECRET}!`, 'ann'),
      userOf(SECRET, '\ud800'),
      userOf(SECRET, '\udc00'),
    ])
    expect(new Set([first, ...others]).size).toBe(5)
  })

  it('never changes, so that copies of different years can be joined', async () => {
    expect(await userOf('x'.repeat(16), 'ann')).toBe('f82ce0db855116bb10457577461d9ad0')
  })

  it('takes an event as well as its text, and one with its place', async () => {
    const copy = anonymiser(SECRET)
    const read = JSON.parse(event('ann'))
    expect(await copy(read)).toBe(await copy(event('ann')))
    expect(await copy({ seq: 1, cursor: '1', recorded_at: '2026-01-01T00:00:00.000Z', event: read })).toBe(
      await copy(event('ann')),
    )
  })

  it('takes a secret of 16 bytes or more, and nothing but events', async () => {
    expect(() => anonymiser('x'.repeat(15))).toThrow(TypeError)
    const copy = anonymiser('x'.repeat(16))
    for (const bad of ['{', '[]', 'null', '"x"']) await expect(copy(bad)).rejects.toBeInstanceOf(TypeError)
  })
})
