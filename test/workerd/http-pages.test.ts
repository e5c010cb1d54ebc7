import { describe, expect, it } from 'vitest'
import type { AuditNotes, RouteContext } from '../../src/http/context.ts'
import { conversationPages } from '../../src/http/conversation-pages.ts'
import { answerPages, type PageSource, type RenderedPage } from '../../src/http/pages.ts'
import type { Failure } from '../../src/protocol/failure.ts'
import { EMPTY_SESSION } from '../../src/protocol/session.ts'
import { LINES } from './http-support.ts'

const context = (members: object) => members as RouteContext

function sourceOf(pages: readonly (Partial<RenderedPage> | Error)[]): PageSource & { asked: (string | undefined)[] } {
  const asked: (string | undefined)[] = []
  const source: PageSource = async ({ after }) => {
    const page = pages[asked.length]
    asked.push(after)
    if (page instanceof Error || page === undefined) throw page ?? new Error('there is no further page')
    return { items: 1, next_cursor: null, tag: '"t"', body: '', ...page }
  }
  return Object.assign(source, { asked })
}

const lines = (source: PageSource, limit?: number, audit: AuditNotes = { count: null, resource: {} }, more: object = {}) => {
  const request = new Request('https://store.test/', { headers: LINES })
  return answerPages(context({ audit, deps: { now: Date.now }, request, ...more }), source, { limit }, false)
}

describe('a stream of lines', () => {
  it('goes on behind pages on which a filter found nothing', async () => {
    const source = sourceOf([
      { items: 0, next_cursor: '20000' },
      { body: '1\n', next_cursor: '20001' },
      { items: 0, next_cursor: '40000' },
      { items: 0, next_cursor: '60000' },
      { body: '2\n' },
    ])
    expect(await (await lines(source)).text()).toBe('1\n2\n')
    expect(source.asked).toEqual([undefined, '20000', '20001', '40000', '60000'])
  })

  it('reads a page only when the one before was taken', async () => {
    const source = sourceOf([{ body: '1\n', next_cursor: '1' }, { body: '2\n', next_cursor: '2' }, { body: '3\n' }])
    const reader = ((await lines(source)).body as ReadableStream<Uint8Array>).getReader()
    expect(source.asked).toHaveLength(1)
    await reader.read()
    expect(source.asked.length).toBeLessThanOrEqual(2)
    await reader.cancel()
    expect(source.asked.length).toBeLessThanOrEqual(2)
  })

  it('ends at the limit of items', async () => {
    const source = sourceOf([
      { body: '1\n', next_cursor: '1' },
      { body: '2\n', next_cursor: '2' },
    ])
    expect(await (await lines(source, 2)).text()).toBe('1\n2\n')
  })

  it('counts for the audit log the items that it has given', async () => {
    const source = sourceOf([
      { items: 2, body: '1\n2\n', next_cursor: '2' },
      { items: 3, body: '3\n4\n5\n', next_cursor: '5' },
      { body: '6\n' },
    ])
    const audit: AuditNotes = { count: null, resource: {} }
    const reader = ((await lines(source, undefined, audit)).body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    expect([2, 5]).toContain(audit.count)
    while (!(await reader.read()).done);
    expect(audit.count).toBe(6)
  })

  it('fails before the status when the first page fails, and breaks off when a later one does', async () => {
    await expect(lines(sourceOf([new Error('away')]))).rejects.toThrow('away')
    const broken = await lines(sourceOf([{ body: '1\n', next_cursor: '1' }, new Error('away')]))
    await expect(broken.text()).rejects.toThrow()
  })
})

describe('a stream of lines that takes long', () => {
  const opened = async (recheck: () => Promise<Failure | null>) => {
    const clock = { now: 0, checks: 0 }
    const checked = () => {
      clock.checks += 1
      return recheck()
    }
    const source = sourceOf(['1', '2', '3', '4'].map((n) => ({ body: `${n}\n`, next_cursor: n === '4' ? null : n })))
    const answer = await lines(source, undefined, undefined, { deps: { now: () => clock.now }, recheck: checked })
    return { clock, reader: (answer.body as ReadableStream<Uint8Array>).getReader() }
  }

  it('looks now and then whether its credential holds', async () => {
    const { clock, reader } = await opened(async () => null)
    for (const checks of [0, 0, 1]) {
      expect((await reader.read()).done).toBe(false)
      expect(clock.checks).toBe(checks)
      clock.now += 7_500
    }
    while (!(await reader.read()).done);
    expect(clock.checks).toBe(1)
  })

  it('breaks off when it holds no longer, before it gives anything more', async () => {
    const { clock, reader } = await opened(async () => ({ kind: 'unauthenticated', detail: 'revoked' }))
    await reader.read()
    clock.now += 15_000
    await expect(reader.read()).rejects.toMatchObject({ failure: { kind: 'unauthenticated' } })
  })
})

describe('a page over the seam between the history and the object', () => {
  const demand = { after: undefined, limit: 10, format: 'json' as const }
  const cold = { outcome: 'cold', epoch: 1, trimmed_through: 1, head_seq: 2 }
  const item = { position: '9', conversation_id: 'c', seq: 1, recorded_at: '2026-01-01T00:00:00.000Z', event: '{"a":1}' }

  const pagesWith = (second: object) => {
    const answers = [cold, second]
    return conversationPages(
      context({
        session: EMPTY_SESSION,
        deps: {
          conversations: () => ({ read: async () => answers.shift() }),
          history: { conversationEvents: async () => ({ items: [item], more: false }) },
          recent: { clearedThrough: () => null },
        },
      }),
      'c',
    )
  }

  it('tells the reader to come back when the object has trimmed more meanwhile', async () => {
    const page = await pagesWith({ ...cold, trimmed_through: 2 })(demand)
    expect(page).toMatchObject({ items: 1, next_cursor: '1' })
  })

  it('ends when the conversation was cleared meanwhile', async () => {
    const page = await pagesWith({ outcome: 'unknown' })(demand)
    expect(page).toMatchObject({ items: 1, next_cursor: null })
  })
})
