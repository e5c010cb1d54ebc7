import { describe, expect, it } from 'vitest'
import { checkAgentEvent } from '../../src/model/check-agent-event.ts'
import { parseJson, stringifyJson } from '../../src/model/json.ts'
import { recordedRun, WHY_SKIPPED } from './recorded-run.ts'
import { run } from './sample-events.ts'

describe('sampleRun', () => {
  it('gives the same events for the same random numbers, and others for others', () => {
    expect(run({ seed: 7 })).toEqual(run({ seed: 7 }))
    expect(run({ seed: 8 })[0]?.event_id).not.toBe(run({ seed: 7 })[0]?.event_id)
  })

  it('has 3 events to begin, 24 a turn, and 15 to answer or 12 when it breaks off', () => {
    expect([0, 1, 3].map((turns) => run({ turns }).length)).toEqual([18, 42, 90])
    expect([0, 1, 3].map((turns) => run({ turns, finished: false }).length)).toEqual([15, 39, 87])
  })

  it('has unique event ids, one conversation and one request', () => {
    const events = run({ turns: 3 })
    expect(new Set(events.map((event) => event.event_id)).size).toBe(events.length)
    const heads = events.map((event) => checkAgentEvent(event))
    expect(new Set(heads.map((check) => check.ok && `${check.conversation_id} ${check.head.assistant_request_id}`))).toEqual(
      new Set(['conversation-1 request-1']),
    )
  })

  it('carries message timestamps that a double cannot hold', () => {
    const text = stringifyJson(run())
    expect(stringifyJson(parseJson(text))).toBe(text)
    expect(JSON.stringify(JSON.parse(text))).not.toBe(text)
  })

  it('is as large as a real run', () => {
    const events = run({ finished: false })
    const average = stringifyJson(events).length / events.length
    expect(average).toBeGreaterThan(3_000)
    expect(average).toBeLessThan(4_500)
  })

  it.skipIf(recordedRun === null)(`has the shape of a recorded run (${WHY_SKIPPED})`, () => {
    const shape = (events: readonly unknown[]) =>
      (events as { event_type: string; event_context: object; data: unknown }[]).map(({ event_type, event_context, data }) => ({
        event_type,
        context: Object.keys(event_context).toSorted(),
        data: typeof data === 'string' ? 'text' : Object.keys(data as object),
      }))
    expect(shape(run({ finished: false }))).toEqual(shape(recordedRun ?? []))
  })
})
