import { describe, expect, it } from 'vitest'
import { EventMonitor } from '../../../src/client/monitor/index.ts'
import { FakeTiming, problem, ScriptedFetch, type Step, status } from '../scripted-fetch.ts'

const answer = (body: unknown) => () => Response.json(body)

function monitorWith(...steps: Step[]) {
  const script = new ScriptedFetch(...steps)
  const monitor = new EventMonitor({ url: 'https://store.example', apiKey: 'k', fetch: script.fetch }, new FakeTiming())
  return { monitor, script, asked: () => script.calls.map(({ url }) => url.replace('https://store.example', '')) }
}

const PAGE = { items: [], next_cursor: null }

describe('EventMonitor', () => {
  it('asks for the range and the step that it is given, and for none otherwise', async () => {
    const { monitor, asked, script } = monitorWith(answer({ points: [] }))
    const since = new Date('2026-01-15T10:00:00Z')
    await monitor.activity({ since, until: '2026-01-15T12:00:00+01:00', step: 300 })
    await monitor.activity()
    expect(asked()).toEqual([
      '/v1/monitor/activity?since=2026-01-15T10%3A00%3A00.000Z&until=2026-01-15T12%3A00%3A00%2B01%3A00&step=300',
      '/v1/monitor/activity',
    ])
    expect(script.calls[0]?.headers.get('Authorization')).toBe('Bearer k')
    expect(script.calls[0]?.init.method).toBe('GET')
  })

  it('reads what else there is at its own address', async () => {
    const { monitor, asked } = monitorWith(
      answer({ assistants: [] }),
      answer(PAGE),
      answer(PAGE),
      answer({ head_seq: 1 }),
      answer({ nodes: [] }),
      answer({ unfinished: [] }),
    )
    await monitor.assistants({ since: '2026-01-15T10:00:00Z' })
    await monitor.unfinishedPage({ after: 'c', limit: 5 })
    await monitor.conversations({ kind: 'application', after: '7' })
    expect(await monitor.conversation('a/b')).toEqual({ head_seq: 1 })
    await monitor.conversationGraph('workflow:1')
    await monitor.requestSummary('r 1')
    expect(asked()).toEqual([
      '/v1/monitor/assistants?since=2026-01-15T10%3A00%3A00Z',
      '/v1/monitor/unfinished?after=c&limit=5',
      '/v1/conversations?kind=application&after=7',
      '/v1/conversations/a%2Fb',
      '/v1/conversations/workflow%3A1/graph',
      '/v1/assistant-requests/r%201/summary',
    ])
  })

  it('reads unfinished requests page by page, and no page that nobody wants', async () => {
    const page = (id: string, next: string | null) => answer({ items: [{ assistant_request_id: id }], next_cursor: next })
    const { monitor, asked } = monitorWith(page('a', '1'), answer({ items: [], next_cursor: '2' }), page('b', null))
    const seen: string[] = []
    for await (const { assistant_request_id } of monitor.unfinished()) seen.push(assistant_request_id)
    expect(seen).toEqual(['a', 'b'])
    expect(asked().slice(1)).toEqual(['/v1/monitor/unfinished?after=1', '/v1/monitor/unfinished?after=2'])
    const stopped = monitorWith(page('a', '1'))
    for await (const _ of stopped.monitor.unfinished()) break
    expect(stopped.asked()).toHaveLength(1)
  })

  it('refuses a Date that holds no time by the name of its option, and asks nothing', async () => {
    const { monitor, asked } = monitorWith(answer({ points: [] }))
    const calls = [monitor.activity({ since: new Date('x') }), monitor.unfinished({ since: new Date('x') }).next()]
    for (const call of calls) {
      await expect(call).rejects.toThrow(TypeError)
      await expect(call).rejects.toThrow(/since/)
    }
    expect(asked()).toEqual([])
  })

  it('ends with the reason of its signal', async () => {
    const page = answer({ items: [{}, {}], next_cursor: null })
    const controller = new AbortController()
    const reason = new Error('gone')
    const { monitor } = monitorWith(page)
    const all = async () => {
      for await (const _ of monitor.unfinished({ signal: controller.signal })) controller.abort(reason)
    }
    await expect(all()).rejects.toBe(reason)
    await expect(monitor.activity({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it.each([
    [401, 'unauthenticated', false],
    [403, 'forbidden', false],
    [404, 'not-found', false],
    [422, 'range-too-large', false],
    [503, 'history-unavailable', true],
  ])('tells what a %i of the kind %s means', async (code, kind, transient) => {
    const { monitor } = monitorWith(problem(code, kind))
    await expect(monitor.requestSummary('r')).rejects.toMatchObject({
      tag: 'event-persistence',
      operation: 'requestSummary',
      kind,
      transient,
    })
  })

  it('repeats what failed for want of the service, and not what is too large', async () => {
    const away = monitorWith(status(503), 'cut', answer({ points: [] }))
    await away.monitor.activity()
    expect(away.asked()).toHaveLength(3)
    const large = monitorWith(problem(422, 'range-too-large', { limit: 'query_seconds', maximum: 5 }))
    await expect(large.monitor.activity()).rejects.toMatchObject({ kind: 'range-too-large' })
    expect(large.asked()).toHaveLength(1)
  })

  it('has no counters of a conversation that there is not, and asks for none of an impossible id', async () => {
    const { monitor, asked } = monitorWith(problem(404, 'not-found'))
    expect(await monitor.conversation('c')).toBeNull()
    expect(await monitor.conversation('..')).toBeNull()
    expect(asked()).toHaveLength(1)
    await expect(monitor.conversationGraph('..')).rejects.toMatchObject({ kind: 'not-found', operation: 'conversationGraph' })
    await expect(monitor.requestSummary('')).rejects.toMatchObject({ kind: 'not-found', operation: 'requestSummary' })
    expect(asked()).toHaveLength(1)
  })

  it('takes nobody else for the service', async () => {
    const html = () => new Response('<html>')
    await expect(monitorWith(html).monitor.activity()).rejects.toMatchObject({ operation: 'activity', transient: false })
    await expect(monitorWith(answer({})).monitor.unfinishedPage()).rejects.toMatchObject({ kind: undefined })
    await expect(monitorWith(status(404)).monitor.conversation('c')).rejects.toMatchObject({ operation: 'conversation' })
  })
})
