import { describe, expect, it } from 'vitest'
import type { EventHistory } from '../../../src/model/history.ts'
import { MAX_PAIRED_EVENTS } from '../../../src/model/monitor.ts'
import { InMemoryHistory } from '../../../src/store/in-memory/history.ts'
import { batch, RECORDED_AT, type TestEvent, useHistory } from '../postgres/support.ts'
import { at, RANGE, type Sample, sample } from './samples.ts'

const db = useHistory()
const inMemory = new InMemoryHistory()

describe.each<[string, () => EventHistory]>([
  ['PostgreSQL', () => db.history],
  ['memory', () => inMemory],
])('the overviews of the history in %s', (_, history) => {
  async function tenantWith(...samples: Sample[]): Promise<string> {
    const tenant = db.tenant()
    await history().append([batch(tenant, 'c', samples.map(sample))])
    return tenant
  }
  const activity = (tenant: string, step = 60, range = RANGE) => history().activity(tenant, { ...range, step })

  it('count events and failures by the steps of their own timestamps', async () => {
    const tenant = await tenantWith(
      { id: 'before', type: 'ToolInvoke', at: '2026-01-15T09:59:59.999999Z' },
      { id: 'first', type: 'ToolInvoke', at: at('00:00') },
      { id: 'failed', type: 'ToolFailed', at: at('00:59.999999') },
      { id: 'offset', type: 'NodeFailed', at: '2026-01-15T12:31:00+02:00' },
      { id: 'own', type: 'SomethingFailed', at: at('31:01') },
      { id: 'after', type: 'ToolInvoke', at: '2026-01-15T11:00:00Z' },
    )
    expect(await activity(tenant)).toEqual([
      { at: '2026-01-15T10:00:00.000Z', events: 2, failures: 1 },
      { at: '2026-01-15T10:31:00.000Z', events: 2, failures: 1 },
    ])
    expect(await activity(tenant, 3600)).toEqual([{ at: '2026-01-15T10:00:00.000Z', events: 4, failures: 2 }])
    const wide = { since: '2026-01-15T09:59:00Z', until: '2026-01-15T11:01:00Z' }
    expect(await activity(tenant, 86_400, wide)).toEqual([{ at: '2026-01-15T00:00:00.000Z', events: 6, failures: 2 }])
    expect(await activity(db.tenant())).toEqual([])
  })

  it('count application events whose workflow failed', async () => {
    const published = { type: 'application_events', at: at('05:00'), request: null }
    const tenant = await tenantWith(
      { ...published, id: 'a', state: 'failed' },
      { ...published, id: 'b', state: 'completed' },
      { ...published, id: 'failed' },
    )
    expect(await activity(tenant)).toEqual([{ at: '2026-01-15T10:05:00.000Z', events: 3, failures: 1 }])
  })

  it('count each event once, however often it is delivered, and none that was set aside', async () => {
    const tenant = await tenantWith({ id: 'e', type: 'AssistantInvoke', at: at('05:00') })
    const again = batch(tenant, 'c', [sample({ id: 'e', type: 'AssistantInvoke', at: at('05:00') })])
    const elsewhere = batch(tenant, 'd', [sample({ id: 'e', type: 'AssistantInvoke', at: at('06:00') })])
    await history().append([again, elsewhere, again])
    expect(await activity(tenant)).toEqual([{ at: '2026-01-15T10:05:00.000Z', events: 1, failures: 0 }])
    expect((await history().assistants(tenant, RANGE)).assistants).toMatchObject([{ requests: 1 }])
    expect((await history().unfinished(tenant, { ...RANGE, limit: 5 })).items).toMatchObject([{ events: 1 }])
  })

  it('tell how often assistants were asked, answered and failed, and how long that took', async () => {
    const run = (name: string, invoke: string) => ({ context: { id: name, name, type: 'Old' }, invoke })
    const tenant = await tenantWith(
      { id: '1', type: 'AssistantInvoke', at: '2026-01-15T09:59:00Z', ...run('A', '1') },
      { id: '2', type: 'AssistantRespond', at: at('00:00.000001'), ...run('A', '1') },
      { id: '3', type: 'AssistantInvoke', at: at('10:00'), ...run('A', '2') },
      { id: '4', type: 'AssistantFailed', at: at('10:00.5'), ...run('A', '2') },
      { id: '5', type: 'AssistantInvoke', at: at('20:00'), ...run('A', '3'), context: { id: 'A', name: 'A', type: 'New' } },
      { id: '6', type: 'AssistantRespond', at: '2026-01-15T11:00:00Z', ...run('A', '3') },
      { id: '7', type: 'AssistantRespond', at: at('30:00'), context: { assistant_name: 'B', assistant_type: '' } },
      { id: '8', type: 'AssistantInvoke', at: at('31:00'), context: {} },
      { id: '9', type: 'ToolInvoke', at: at('31:00') },
    )
    const none = { count: 0, p50: null, p95: null, max: null, mean: null }
    expect(await history().assistants(tenant, RANGE)).toEqual({
      truncated: false,
      assistants: [
        {
          name: 'A',
          type: 'New',
          requests: 2,
          responses: 1,
          failures: 1,
          success_rate: 0.5,
          duration_ms: { count: 2, p50: 500, p95: 60_000.001, max: 60_000.001, mean: 30_250.001 },
        },
        { name: null, type: null, requests: 1, responses: 0, failures: 0, success_rate: null, duration_ms: none },
        { name: 'B', type: '', requests: 0, responses: 1, failures: 0, success_rate: 1, duration_ms: none },
      ],
    })
    expect(await history().assistants(db.tenant(), RANGE)).toEqual({ truncated: false, assistants: [] })
  })

  it('say so when there are more assistants than one answer lists', async () => {
    const samples = Array.from({ length: 201 }, (_, n) => ({
      id: `${n}`,
      type: 'AssistantInvoke',
      at: at('10:00'),
      context: { name: `assistant ${String(n).padStart(3, '0')}` },
    }))
    const { assistants, truncated } = await history().assistants(await tenantWith(...samples), RANGE)
    expect([assistants.length, assistants[0]?.name, assistants.at(-1)?.name, truncated]).toEqual([
      200,
      'assistant 000',
      'assistant 199',
      true,
    ])
  })

  it('list the requests in which something has not ended, newest first, page by page', async () => {
    const request = (name: string, minute: string, ends = true): Sample[] => [
      { id: `${name}1`, type: 'AssistantInvoke', at: at(`${minute}:00.000001`), request: name },
      { id: `${name}2`, type: 'ToolInvoke', at: at(`${minute}:01.002`), request: name, context: { name: 'Tool', type: 'T' } },
      { id: `${name}3`, type: 'ToolFailed', at: at(`${minute}:02.003`), request: name, context: { name: 'Tool', type: 'T' } },
      { id: `${name}4`, type: ends ? 'AssistantRespond' : 'PublishToTopic', at: at(`${minute}:03.004567`), request: name },
    ]
    const tenant = await tenantWith(
      ...request('old', '05', false),
      ...request('done', '10'),
      ...request('new', '20', false),
      ...request('mid', '15', false),
      { id: 'early', type: 'ToolInvoke', at: '2026-01-15T09:59:59Z', request: 'early' },
      { id: 'late', type: 'ToolInvoke', at: '2026-01-15T11:00:00Z', request: 'late' },
    )
    const seen: string[] = []
    let after: string | undefined
    for (let more = true; more; ) {
      const page = await history().unfinished(tenant, { ...RANGE, after, limit: 2 })
      seen.push(page.items.map((item) => item.assistant_request_id).join())
      after = page.items.at(-1)?.cursor
      more = page.more
    }
    expect(seen).toEqual(['new,mid', 'old'])
    const { items } = await history().unfinished(tenant, { ...RANGE, limit: 1 })
    expect(items).toEqual([
      {
        cursor: expect.stringMatching(/^2026-01-15T10:20:00\.000001Z-\d+$/),
        assistant_request_id: 'new',
        conversation_id: 'c',
        started_at: '2026-01-15T10:20:00.000Z',
        last_event_at: '2026-01-15T10:20:03.004Z',
        events: 4,
        failures: 1,
        unfinished: [{ event_id: 'new1', event_type: 'AssistantInvoke', name: 'A', type: 'T', timestamp: at('20:00.000001') }],
      },
    ])
  })

  it('do without the pairs of a request that has too many events', async () => {
    const many = Array.from({ length: MAX_PAIRED_EVENTS + 1 }, (_, n) => ({ id: `${n}`, type: 'ToolInvoke', at: at('10:00') }))
    const tenant = await tenantWith(...many, { id: 'x', type: 'ToolInvoke', at: at('09:00'), request: 'short' })
    const { items, more } = await history().unfinished(tenant, { ...RANGE, limit: 100 })
    expect(items).toMatchObject([
      { assistant_request_id: 'r', events: MAX_PAIRED_EVENTS + 1, unfinished: [], truncated: true },
      { assistant_request_id: 'short', unfinished: [{ event_id: 'x' }] },
    ])
    expect(more).toBe(false)
  })

  it('hold what is left after a clearing, and go on from there', async () => {
    const tenant = db.tenant()
    const one = (id: string, type: string, minute: string): TestEvent => sample({ id, type, at: at(`${minute}:00`) })
    await history().append([batch(tenant, 'c', [one('a', 'AssistantInvoke', '10'), one('b', 'ToolFailed', '11')])])
    await history().append([
      batch(tenant, 'c', [one('c', 'AssistantRespond', '12'), one('d', 'AssistantInvoke', '13')], {
        firstSeq: 3,
        recordedAt: RECORDED_AT + 1000,
      }),
    ])
    await history().clear(tenant, RECORDED_AT)
    expect(await activity(tenant, 3600)).toEqual([{ at: '2026-01-15T10:00:00.000Z', events: 2, failures: 0 }])
    expect((await history().assistants(tenant, RANGE)).assistants).toMatchObject([
      { requests: 1, responses: 1, duration_ms: { count: 0 } },
    ])
    await history().append([
      batch(tenant, 'c', [one('e', 'AssistantInvoke', '14')], { firstSeq: 5, recordedAt: RECORDED_AT + 2000 }),
    ])
    const { items } = await history().unfinished(tenant, { ...RANGE, limit: 5 })
    expect(items).toMatchObject([
      { started_at: '2026-01-15T10:12:00.000Z', events: 3, unfinished: [{ event_id: 'd' }, { event_id: 'e' }] },
    ])
    await history().clear(tenant, RECORDED_AT + 86_400_000)
    expect(await activity(tenant)).toEqual([])
    expect((await history().assistants(tenant, RANGE)).assistants).toEqual([])
    expect((await history().unfinished(tenant, { ...RANGE, limit: 5 })).items).toEqual([])
  })

  it("are of the tenant's own events", async () => {
    const mine = await tenantWith({ id: 'e', type: 'AssistantInvoke', at: at('10:00') })
    const theirs = await tenantWith({ id: 'e', type: 'AssistantInvoke', at: at('10:00'), request: 'other' })
    expect(await activity(mine)).toHaveLength(1)
    expect((await history().unfinished(mine, { ...RANGE, limit: 5 })).items).toMatchObject([{ assistant_request_id: 'r' }])
    expect((await history().unfinished(theirs, { ...RANGE, limit: 5 })).items).toMatchObject([{ assistant_request_id: 'other' }])
    expect((await history().assistants(mine, RANGE)).assistants).toMatchObject([{ requests: 1 }])
  })

  it("pair the events of a request with those of the tenant's own of that name", async () => {
    const tool = { at: at('10:00'), context: { name: 'Tool', type: 'T' } }
    const mine = await tenantWith({ id: 'mine', type: 'ToolInvoke', ...tool })
    const theirs = await tenantWith({ id: 'theirs', type: 'ToolInvoke', ...tool }, { id: 'end', type: 'ToolRespond', ...tool })
    const { items } = await history().unfinished(mine, { ...RANGE, limit: 5 })
    expect(items).toMatchObject([{ events: 1, unfinished: [{ event_id: 'mine' }] }])
    expect((await history().unfinished(theirs, { ...RANGE, limit: 5 })).items).toEqual([])
  })

  it('take events of which jsonb cannot hold the text', async () => {
    const tenant = db.tenant()
    const odd = (id: string, type: string, part: string): TestEvent => ({
      ...sample({ id, type, at: at('10:00') }),
      text: `{"event_id":"${id}","timestamp":"${at('10:00')}","event_context":{"id":"k","name":"N","invoke_context":{"invoke_id":"i"}},"data":${part}}`,
    })
    await history().append([
      batch(tenant, 'c', [
        odd('a', 'AssistantInvoke', '"\\u0000"'),
        odd('b', 'AssistantRespond', '"\\ud800"'),
        odd('c', 'ToolInvoke', '"\\udc00 \\\\u0000"'),
      ]),
    ])
    expect((await history().assistants(tenant, RANGE)).assistants).toMatchObject([
      { name: 'N', requests: 1, responses: 1, duration_ms: { count: 1 } },
    ])
    const { items } = await history().unfinished(tenant, { ...RANGE, limit: 5 })
    expect(items).toMatchObject([{ unfinished: [{ event_id: 'c', name: 'N', timestamp: at('10:00') }] }])
    await history().append([batch(tenant, 'd', [odd('beyond numeric', 'ToolInvoke', '1e999999')])])
    expect((await history().unfinished(tenant, { ...RANGE, limit: 5 })).items[0]?.unfinished).toHaveLength(2)
    expect(await activity(tenant)).toMatchObject([{ events: 4 }])
  })

  it('list the conversations of one kind, newest activity first', async () => {
    const tenant = db.tenant()
    for (const id of ['a', 'workflow:1', 'b', 'topic:t:00', 'workflows', 'topic']) {
      await history().append([batch(tenant, id, [sample({ id: `e-${id}`, type: 'ToolInvoke', at: at('10:00') })])])
    }
    const ids = async (kind: 'agent' | 'application' | undefined, limit = 10) => {
      const { items, more } = await history().conversations(tenant, { kind, limit })
      return [...items.map((item) => item.conversation_id), more]
    }
    expect(await ids(undefined)).toEqual(['topic', 'workflows', 'topic:t:00', 'b', 'workflow:1', 'a', false])
    expect(await ids(undefined, 3)).toEqual(['topic', 'workflows', 'topic:t:00', true])
    expect(await ids('agent')).toEqual(['topic', 'workflows', 'b', 'a', false])
    expect(await ids('application', 1)).toEqual(['topic:t:00', true])
    const [first] = (await history().conversations(tenant, { kind: 'application', limit: 1 })).items
    const rest = await history().conversations(tenant, { kind: 'application', limit: 5, after: first?.cursor })
    expect(rest).toMatchObject({ items: [{ conversation_id: 'workflow:1' }], more: false })
  })
})
