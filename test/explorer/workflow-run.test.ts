import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runAxis } from '../../src/explorer/views/runs/model/run-axis.ts'
import { runRows, WORKFLOW_KEY } from '../../src/explorer/views/runs/model/run-rows.ts'
import { shownState } from '../../src/explorer/views/runs/model/run-state.ts'
import { WorkflowRunBuilder, workflowRun } from '../../src/explorer/views/runs/model/workflow-run.ts'
import type { JsonValue } from '../../src/model/json.ts'

/** Unix seconds of the run's beginning, a fraction of one apart from what the service knows better. */
const BEGIN = 1_790_000_000

interface Sent {
  readonly name: string
  /** Seconds after the beginning. */
  readonly at: number
  readonly metadata?: { readonly [name: string]: JsonValue }
  readonly data?: { readonly [name: string]: JsonValue }
}

/** Items as the service gives them: recorded 20 ms after they were made. */
function items(...sent: readonly Sent[]) {
  return sent.map(({ name, at, metadata, data = {} }, index) => ({
    seq: index + 1,
    recorded_at: new Date((BEGIN + at) * 1000 + 20).toISOString(),
    raw: {
      event_type: 'application_events',
      event_name: name,
      data: { ...data },
      metadata: { created_timestamp: Math.floor(BEGIN + at), workflow_run_id: 'run', workflow_type: 'Crawl', ...metadata },
    } as JsonValue,
  }))
}

const ms = (seconds: number) => (BEGIN + seconds) * 1000 + 20
const of = (activity_id: string, attempt?: number) => ({
  metadata: { activity_id, activity_type: `do ${activity_id}`, ...(attempt === undefined ? {} : { attempt }) },
})

describe('a run of a workflow', () => {
  it('is put together from its activities, with an attempt that failed and one that did not', () => {
    const run = workflowRun(
      items(
        { name: 'workflow_start', at: 0, metadata: { activity_id: '1', activity_type: 'publish_event', workflow_id: 'wf' } },
        { name: 'activity_start', at: 1, ...of('a', 1) },
        {
          name: 'activity_end',
          at: 3,
          ...of('a', 1),
          data: { state: 'failed', error_type: 'E', error_message: 'no', duration_ms: 2100 },
        },
        { name: 'activity_start', at: 5, ...of('a', 2) },
        { name: 'activity_end', at: 6, ...of('a', 2), data: { state: 'completed' } },
        { name: 'workflow_end', at: 9, metadata: { workflow_state: 'completed' } },
      ),
    )
    expect(run).toMatchObject({ type: 'Crawl', workflowId: 'wf', runId: 'run', state: 'completed', attempts: 2, retries: 1 })
    expect(run).toMatchObject({ began: ms(0), ended: ms(9), duration: 9000, extent: [ms(0), ms(9)], count: 6 })
    expect(run.activities).toHaveLength(1)
    expect(run.activities[0]).toMatchObject({ id: 'a', type: 'do a', state: 'completed', at: ms(1) })
    expect(run.activities[0]?.attempts).toMatchObject([
      { number: 1, state: 'failed', error: 'E: no', began: ms(1), ended: ms(1) + 2100, duration: 2100, seqs: [2, 3] },
      { number: 2, state: 'completed', error: null, began: ms(5), ended: ms(6), seqs: [4, 5] },
    ])
    expect(run.events.map(({ name }) => name)).toEqual(['workflow_start', 'workflow_end'])
  })

  it('without an end is running, and unfinished once nothing was heard for long', () => {
    const run = workflowRun(items({ name: 'workflow_start', at: 0 }, { name: 'activity_start', at: 1, ...of('a', 1) }))
    expect(run).toMatchObject({ state: 'running', ended: null, duration: null })
    expect(run.activities[0]).toMatchObject({ state: 'running', attempts: [{ state: 'running', ended: null }] })
    expect(shownState(run, ms(600))).toBe('running')
    expect(shownState(run, ms(86_400))).toBe('unfinished')
  })

  it('without a start is told from its end, as far as that goes', () => {
    const run = workflowRun(
      items(
        { name: 'activity_end', at: 4, ...of('a', 1), data: { duration_ms: 3000 } },
        { name: 'activity_end', at: 5, ...of('b', 1) },
        { name: 'workflow_end', at: 9, data: { state: 'failed', error_message: 'no' } },
      ),
    )
    expect(run).toMatchObject({ state: 'failed', error: 'no', began: null, ended: ms(9), extent: [ms(1), ms(9)] })
    expect(run.activities.map(({ attempts }) => attempts[0])).toMatchObject([
      { began: ms(1), ended: ms(4), duration: 3000, state: 'ended' },
      { began: null, ended: ms(5), duration: null, state: 'ended' },
    ])
  })

  it('takes repeated starts for one, and counts none of them twice', () => {
    const start = { name: 'activity_start', at: 1, ...of('a', 1) }
    const run = workflowRun(
      items({ name: 'workflow_start', at: 0 }, { name: 'workflow_start', at: 2 }, start, { ...start, at: 4 }),
    )
    expect(run).toMatchObject({ began: ms(0), attempts: 1, retries: 0 })
    expect(run.activities[0]?.attempts[0]).toMatchObject({ began: ms(1), seqs: [3, 4] })
  })

  it('begins again with a start after its end, as in the log of a workflow whose runs have no ids', () => {
    const first = items({ name: 'workflow_start', at: 0 }, { name: 'workflow_end', at: 5 })
    const again = items({ name: '', at: 0 }, { name: '', at: 0 }, { name: 'workflow_start', at: 60 })[2]
    expect(workflowRun([...first, ...(again ? [again] : [])])).toMatchObject({ state: 'running', began: ms(60), ended: null })
  })

  it('orders attempts by number, and takes one that was tried again for failed or lost', () => {
    const run = workflowRun(
      items(
        { name: 'activity_start', at: 9, ...of('a', 3) },
        { name: 'activity_end', at: 5, ...of('a', 2) },
        { name: 'activity_start', at: 1, ...of('a', 1) },
        { name: 'activity_start', at: 4, ...of('a', 2) },
      ),
    )
    const states = run.activities[0]?.attempts.map(({ number, state }) => [number, state])
    expect(states).toEqual([
      [1, 'lost'],
      [2, 'failed'],
      [3, 'running'],
    ])
  })

  it('that was ended from outside leaves what it was doing without an end, and keeps the word for it', () => {
    const run = workflowRun(
      items({ name: 'activity_start', at: 1, ...of('a', 1) }, { name: 'workflow_end', at: 5, data: { state: 'terminated' } }),
    )
    expect(run).toMatchObject({ state: 'ended', said: 'terminated' })
    expect(run.activities[0]?.state).toBe('lost')
  })

  it('keeps other events with the activity that they come from, else with the workflow', () => {
    const run = workflowRun(items({ name: 'rows read', at: 1, ...of('a') }, { name: 'token_refresh', at: 2 }))
    expect(run).toMatchObject({ state: 'unknown', attempts: 0, retries: 0 })
    expect(run.activities[0]).toMatchObject({ state: 'unknown', attempts: [], events: [{ name: 'rows read' }] })
    expect(run.events).toMatchObject([{ name: 'token_refresh' }])
  })

  it('keeps events of one second in the order of recording', () => {
    const [start, end] = items(
      { name: 'activity_start', at: 0.3, ...of('a', 1) },
      { name: 'activity_end', at: 0.99, ...of('a', 1) },
    )
    const late = end && { ...end, recorded_at: new Date((BEGIN + 4) * 1000).toISOString() }
    const attempt = workflowRun(start && late ? [start, late] : []).activities[0]?.attempts[0]
    expect(attempt).toMatchObject({ began: BEGIN * 1000 + 320, ended: BEGIN * 1000 + 999 })
  })

  it('is the same whether its items came at once or one after the other', () => {
    const all = items(
      { name: 'workflow_start', at: 0 },
      { name: 'activity_start', at: 1, ...of('a', 1) },
      { name: 'activity_end', at: 2, ...of('a', 1) },
      { name: 'workflow_end', at: 3 },
    )
    const builder = new WorkflowRunBuilder()
    for (let count = 0; count <= all.length; count++) {
      expect(builder.feed(all.slice(0, count)).result()).toEqual(workflowRun(all.slice(0, count)))
    }
  })

  it('comes of anything that may stand in a log', () => {
    const odd = fc.oneof(fc.jsonValue(), fc.constant('failed'), fc.constant('1'))
    const name = fc.constantFrom('workflow_start', 'workflow_end', 'activity_start', 'activity_end', 'other', 7, null)
    const metadata = fc.record(
      {
        created_timestamp: fc.oneof(odd, fc.double()),
        workflow_state: odd,
        activity_id: fc.oneof(odd, fc.constantFrom('a', 'b')),
        attempt: fc.oneof(odd, fc.integer()),
      },
      { requiredKeys: [] },
    )
    const data = fc.record({ duration_ms: fc.oneof(odd, fc.double()), state: odd, error_message: odd }, { requiredKeys: [] })
    const raw = fc.oneof(fc.jsonValue(), fc.record({ event_name: name, metadata, data }, { requiredKeys: [] }))
    fc.assert(
      fc.property(fc.array(raw, { maxLength: 20 }), (raws) => {
        const run = workflowRun(raws.map((raw, index) => ({ seq: index + 1, recorded_at: 'no time', raw: raw as JsonValue })))
        const seqs = [
          ...run.events.map(({ seq }) => seq),
          ...run.activities.flatMap(({ attempts, events }) => [
            ...attempts.flatMap((one) => one.seqs),
            ...events.map((one) => one.seq),
          ]),
        ]
        expect(seqs.sort((a, b) => a - b)).toEqual(raws.map((_, index) => index + 1))
      }),
    )
  })
})

describe('the lines of a run', () => {
  const run = workflowRun(
    items(
      { name: 'workflow_start', at: 0 },
      { name: 'activity_start', at: 1, ...of('a', 1) },
      { name: 'seen', at: 2, ...of('a') },
    ),
  )

  it('are the workflow and its activities, with what is open', () => {
    const kinds = (open: readonly string[]) => runRows(run, new Set(open)).map(({ kind }) => kind)
    expect(kinds([])).toEqual(['workflow', 'activity'])
    expect(kinds([WORKFLOW_KEY])).toEqual(['workflow', 'event', 'activity'])
    expect(kinds(['activity a'])).toEqual(['workflow', 'activity', 'attempt', 'event'])
  })
})

describe('the axis of a run', () => {
  it.each([0, 1, 7, 999, 60_000, 5_400_000, 1e12])('of %d ms has ticks of whole steps within it', (length) => {
    const { from, to, ticks } = runAxis(ms(0), ms(0) + length, 8)
    expect(ticks[0]).toBe(0)
    expect(ticks.length).toBeLessThanOrEqual(9)
    expect(ticks.at(-1)).toBeLessThanOrEqual(to - from)
  })
})
