import { describe, expect, it } from 'vitest'
import { ReadEvent } from '../../src/explorer/data/verbatim-codec.ts'
import { eachOnce } from '../../src/explorer/views/conversations/each-once.ts'
import { eventHitOf } from '../../src/explorer/views/search/event-hit.ts'
import { takePage } from '../../src/explorer/views/search/event-pages.ts'
import { EVENT_TYPES, suggest, typeMeantBy } from '../../src/explorer/views/search/suggestions.ts'
import { applicationEventLog } from '../../src/model/application-event-log.ts'
import { checkApplicationEvent } from '../../src/model/application-events.ts'
import { type JsonValue, stringifyJson } from '../../src/model/json.ts'

const PLACE = { seq: 7, cursor: '70', recorded_at: '2026-01-15T10:00:00.000Z' }

function hitOf(raw: JsonValue) {
  return eventHitOf({ ...PLACE, event: null, raw, text: stringifyJson(raw) })
}

const agentEvent = (event_type: string, context: { readonly [name: string]: JsonValue }) => ({
  event_id: 'e',
  event_type,
  assistant_request_id: 'r',
  timestamp: '2026-01-15T09:59:00.000001+00:00',
  event_context: { ...context, invoke_context: { conversation_id: 'a/b' } },
})

describe('an event among the results', () => {
  it('leads to its place in the conversation that it names', async () => {
    expect(await hitOf(agentEvent('ToolInvoke', { name: 'SearchTool' }))).toMatchObject({
      name: 'SearchTool',
      at: '2026-01-15T09:59:00.000001+00:00',
      requestId: 'r',
      conversationId: 'a/b',
      path: '/conversations/a%2Fb?seq=7',
    })
    expect(await hitOf(agentEvent('PublishToTopic', { name: 'answers', offset: 3 }))).toMatchObject({ name: 'answers[3]' })
    expect(await hitOf(agentEvent('NodeInvoke', { node_name: 'Old' }))).toMatchObject({ name: 'Old' })
  })

  it('leads to the run, or to the log of its topic, as the service chose it', async () => {
    const metadata = { topic_name: 'billing', created_timestamp: 1_756_377_611 }
    const published = { event_id: 'e', event_type: 'invoice', event_name: 'paid', data: {}, metadata }
    const check = checkApplicationEvent(published)
    const log = check.ok ? await applicationEventLog(check.facts, 'e') : ''
    expect(log).toMatch(/^topic:billing:\d\d$/)
    expect(await hitOf(published)).toMatchObject({
      name: 'paid',
      at: new Date(1_756_377_611_000).toISOString(),
      conversationId: log,
      path: `/conversations/${encodeURIComponent(log)}?view=raw&seq=7`,
    })
    const ofRun = { ...published, metadata: { ...metadata, workflow_run_id: 'run 1' } }
    expect(await hitOf(ofRun)).toMatchObject({ conversationId: 'workflow:run 1', path: '/runs/run%201?seq=7' })
  })

  it('leads nowhere when it does not tell where it stands', async () => {
    expect(await hitOf({ event_type: '' })).toMatchObject({ type: '', conversationId: null, path: null, at: PLACE.recorded_at })
    expect(await hitOf(null)).toMatchObject({ type: 'unknown', path: null })
  })
})

describe('a page of results', () => {
  const stored = async function* (count: number) {
    for (let seq = 1; seq <= count; seq++) {
      const raw = agentEvent(seq % 2 ? 'ToolInvoke' : 'ToolRespond', { name: 'T' })
      yield { ...PLACE, seq, cursor: `${seq}`, event: new ReadEvent(stringifyJson(raw), null, raw) }
    }
  }

  it('has a hundred of those that fit, and says where to go on', async () => {
    const { hits, next } = await takePage(stored(300), { type: 'ToolInvoke', name: '' })
    expect(hits).toHaveLength(100)
    expect(hits.every(({ type }) => type === 'ToolInvoke')).toBe(true)
    expect(next).toBe('199')
  })

  it('is the last one when there are no more', async () => {
    expect(await takePage(stored(30), { type: 'ToolRespond', name: '' })).toMatchObject({ hits: { length: 15 }, next: null })
    expect(await takePage(stored(30), { type: '', name: 'none' })).toEqual({ hits: [], next: null })
  })
})

describe('the suggestions', () => {
  it('hold what is typed, those first that begin with it', () => {
    expect(suggest(['workflow_start', 'application_start', 'start', 'end'], ' START')).toEqual([
      'start',
      'workflow_start',
      'application_start',
    ])
    expect(suggest(EVENT_TYPES, '')).toEqual(EVENT_TYPES)
  })

  it('know a type that was typed as if it were an id', () => {
    expect(typeMeantBy(' toolFAILED ')).toBe('ToolFailed')
    expect(typeMeantBy('tool')).toBeNull()
  })
})

it('lists a conversation once that moved between two pages, with what is known last', () => {
  const row = (conversation_id: string, head_seq: number) => {
    const times = { first_at: PLACE.recorded_at, last_at: PLACE.recorded_at }
    return { conversation_id, head_seq, event_count: head_seq, ...times, cursor: '' }
  }
  const rows = eachOnce([row('a', 1), row('b', 1), row('a', 2)])
  expect(rows.map(({ conversation_id, head_seq }) => [conversation_id, head_seq])).toEqual([
    ['a', 2],
    ['b', 1],
  ])
})
