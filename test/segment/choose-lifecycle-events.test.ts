import { describe, expect, it } from 'vitest'
import { chooseLifecycleEvents } from '../../src/segment/choose-lifecycle-events.ts'
import { pendingOf, TAKEN } from './samples.ts'

const idsOf = (events: ReturnType<typeof chooseLifecycleEvents>) => events.map(({ head }) => head.event_id)

describe('the events that go to Segment', () => {
  it('are the four lifecycle events of workflows and topics, in their order and as they were sent', () => {
    const names = ['workflow_start', 'activity_start', 'token_refresh', null, 'activity_end', 'worker_start', 'workflow_end']
    const events = names.map((event_name, i) => ({ event_id: `e${i}`, event_name, data: { note: 'a,b]}"' } }))
    const chosen = chooseLifecycleEvents(
      [pendingOf('workflow:run', events), pendingOf('topic:application_events:07', events)],
      TAKEN,
    )
    expect(idsOf(chosen)).toEqual(['e0', 'e1', 'e4', 'e6', 'e0', 'e1', 'e4', 'e6'])
    expect(chosen[3]).toMatchObject({ tenant: 't', name: 'workflow_end', text: expect.stringContaining('"note":"a,b]}\\""') })
    expect(JSON.parse(chosen[3]?.text ?? '')).toMatchObject({ event_id: 'e6' })
  })

  it('are never agent events, whatever these are called and wherever they lie', () => {
    const batches = [
      pendingOf('a-conversation', [{ event_id: 'a' }]),
      pendingOf('workflow:run', [{ event_id: 'b', assistant_request_id: 'r' }]),
    ]
    expect(chooseLifecycleEvents(batches, TAKEN)).toEqual([])
  })

  it('are not those that the history set aside', () => {
    const batches = [
      pendingOf('workflow:1', [{ event_id: 'a' }, { event_id: 'b' }]),
      pendingOf('workflow:2', [{ event_id: 'a' }]),
    ]
    const aside = { tenant: 't', conversation_id: 'workflow:2', seq: 1, event_id: 'a', code: 'duplicate-event-id' }
    const chosen = chooseLifecycleEvents(batches, { ...TAKEN, set_aside: [aside] })
    expect(idsOf(chosen)).toEqual(['a', 'b'])
  })

  it('are still those of another tenant with the same log and the same id', () => {
    const batches = ['t', 'u'].map((tenant) => pendingOf('workflow:1', [{ event_id: 'a' }], tenant))
    const aside = { tenant: 't', conversation_id: 'workflow:1', seq: 1, event_id: 'a', code: '22P05' }
    const chosen = chooseLifecycleEvents(batches, { ...TAKEN, set_aside: [aside] })
    expect(chosen.map(({ tenant }) => tenant)).toEqual(['u'])
  })

  it.each(['constructor', 'toString', '__proto__'])('are those of a tenant named %s as well', (tenant) => {
    const batches = [pendingOf('workflow:1', [{ event_id: 'a' }, { event_id: 'b' }], tenant)]
    expect(idsOf(chooseLifecycleEvents(batches, TAKEN))).toEqual(['a', 'b'])
    expect(
      idsOf(chooseLifecycleEvents(batches, { cleared: new Map([[tenant, 1]]), cleared_conversations: [], set_aside: [] })),
    ).toEqual(['b'])
  })

  it('are not those from before a clearing of their conversation', () => {
    const events = [{ event_id: 'a' }, { event_id: 'b' }, { event_id: 'c' }]
    const batches = [pendingOf('workflow:1', events), pendingOf('workflow:2', events)]
    const cleared = [{ tenant: 't', conversation_id: 'workflow:1', through: 2 }]
    const chosen = chooseLifecycleEvents(batches, { ...TAKEN, cleared_conversations: cleared })
    expect(chosen.map(({ head }) => head.event_id)).toEqual(['c', 'a', 'b', 'c'])
  })

  it('are not those from before a clearing of their tenant', () => {
    const events = [{ event_id: 'a' }, { event_id: 'b' }, { event_id: 'c' }]
    const batches = [pendingOf('workflow:1', events), pendingOf('workflow:1', events, 'u')]
    const chosen = chooseLifecycleEvents(batches, { cleared: new Map([['t', 2]]), cleared_conversations: [], set_aside: [] })
    expect(chosen.map(({ tenant, head }) => [tenant, head.event_id])).toEqual([
      ['t', 'c'],
      ['u', 'a'],
      ['u', 'b'],
      ['u', 'c'],
    ])
  })
})
