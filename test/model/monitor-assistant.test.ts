import { describe, expect, it } from 'vitest'
import { monitorAssistant } from '../../src/model/monitor-assistant.ts'
import { requestSummary } from '../../src/model/request-summary.ts'
import { recordedRun, WHY_SKIPPED } from './recorded-run.ts'
import { run } from './sample-events.ts'

async function* slowly<T>(items: Iterable<T>) {
  for (const item of items) yield await Promise.resolve(item)
}

describe('monitorAssistant', () => {
  it('gives the numbers of the summary', () => {
    const events = run({ turns: 2 })
    expect(monitorAssistant(events)).toEqual(requestSummary(events))
    expect(monitorAssistant(events)).toMatchObject({
      total_requests: 1,
      successful_responses: 1,
      failures: 0,
      success_rate: 1,
      unfinished: [],
    })
  })

  it('tells of an unfinished run, also when its events arrive one by one', async () => {
    const events = run({ finished: false })
    const summary = await monitorAssistant(slowly(events))
    expect(summary).toEqual(monitorAssistant(events))
    expect(summary.success_rate).toBe(0)
    expect(summary.unfinished.map((one) => one.event_type)).toEqual(['AssistantInvoke', 'WorkflowInvoke'])
  })

  it('counts nothing where nothing happened', () => {
    expect(monitorAssistant([])).toMatchObject({ total_requests: 0, success_rate: 0, unfinished: [] })
  })

  it.skipIf(recordedRun === null)(`reads a recorded run (${WHY_SKIPPED})`, () => {
    expect(monitorAssistant(recordedRun ?? [])).toMatchObject({ total_requests: 1, durations: { tool: { count: 6 } } })
  })
})
