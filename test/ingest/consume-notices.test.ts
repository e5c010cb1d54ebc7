import { describe, expect, it } from 'vitest'
import type { Notice } from '../../src/conversation/rpc.ts'
import { consumeDeadNotices } from '../../src/ingest/consume-dead-notices.ts'
import { type ConsumerDeps, consumeNotices } from '../../src/ingest/consume-notices.ts'
import { forwardNothing, type Outbox } from '../../src/ingest/drain.ts'
import type { LogFields, LogLevel } from '../../src/model/log.ts'
import { brokenOutbox, events, FakeHistory, FakeOutbox, outage, stored } from './fakes.ts'

interface Line {
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields | undefined
}

class Message {
  readonly retries: number[] = []
  readonly body: Notice
  readonly attempts: number

  constructor(conversation_id: string, attempts = 1, tenant = 't', cleared_through?: number) {
    this.body = { tenant, conversation_id, ...(cleared_through === undefined ? {} : { cleared_through }) }
    this.attempts = attempts
  }

  retry({ delaySeconds }: { delaySeconds: number }) {
    this.retries.push(delaySeconds)
  }
}

function setUp(outboxes: Record<string, Outbox>, history = new FakeHistory()) {
  const lines: Line[] = []
  const asked: Notice[] = []
  const notified: Notice[] = []
  const cleared: (Notice & { marker: number })[] = []
  const deps: ConsumerDeps = {
    history,
    forward: forwardNothing,
    conversation: (notice) => {
      asked.push(notice)
      const outbox = outboxes[notice.conversation_id] as Outbox
      return {
        pending: (limit, confirmation, handed) => outbox.pending(limit, confirmation, handed),
        clear: async (marker) => void cleared.push({ ...notice, marker }),
      }
    },
    notify: async (notices) => void notified.push(...notices),
    log: (level, message, fields) => lines.push({ level, message, fields }),
    now: () => 0,
    retentionDays: null,
  }
  return { deps, history, lines, asked, notified, cleared }
}

describe('consuming notices', () => {
  it('drains a conversation once, however many notices it sent', async () => {
    const { deps, history, asked, lines } = setUp({ a: new FakeOutbox('a', [events('a', 3)]) })
    const messages = [new Message('a'), new Message('a'), new Message('a')]
    await consumeNotices(messages, deps)
    expect(asked).toEqual([{ tenant: 't', conversation_id: 'a' }])
    expect(await stored(history, 'a')).toEqual(['a1', 'a2', 'a3'])
    expect(messages.flatMap(({ retries }) => retries)).toEqual([])
    expect(lines).toMatchObject([{ level: 'info', fields: { notices: 3, conversations: 1, events: 3, failed: 0 } }])
  })

  it('tells conversations of one id in two tenants apart', async () => {
    const { deps, asked } = setUp({ a: new FakeOutbox('a', []) })
    await consumeNotices([new Message('a', 1, 't'), new Message('a', 1, 'u')], deps)
    expect(asked.map(({ tenant }) => tenant)).toEqual(['t', 'u'])
  })

  it('retries one notice of a conversation that fails, and none of the others', async () => {
    const { deps, history } = setUp({ a: brokenOutbox, b: new FakeOutbox('b', [events('b', 1)]) })
    const messages = [new Message('a'), new Message('b'), new Message('a')]
    await consumeNotices(messages, deps)
    expect(messages.map(({ retries }) => retries)).toEqual([[1], [], []])
    expect(await stored(history, 'b')).toEqual(['b1'])
  })

  it('retries everything while the history is away, and says why', async () => {
    const { deps, history, lines } = setUp({ a: new FakeOutbox('a', [events('a', 1)]), b: new FakeOutbox('b', [events('b', 1)]) })
    history.before = () => {
      throw outage()
    }
    const messages = [new Message('a', 3), new Message('b', 4)]
    await consumeNotices(messages, deps)
    expect(messages.map(({ retries }) => retries)).toEqual([[4], [8]])
    expect(lines).toMatchObject([
      { level: 'warn', fields: { failed: 2, cause: expect.stringContaining('the database is away') } },
    ])
  })

  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 15],
    [20, 15],
  ])('waits longer with every failed delivery: after %d, %d seconds', async (attempts, seconds) => {
    const message = new Message('a', attempts)
    await consumeNotices([message], setUp({ a: brokenOutbox }).deps)
    expect(message.retries).toEqual([seconds])
  })

  it('sends a notice of its own for a conversation that it could not empty in its time', async () => {
    const note = 'x'.repeat(1024 * 1024)
    const outbox = new FakeOutbox(
      'a',
      Array.from({ length: 12 }, (_, i) => [{ event_id: `a${i}`, note }]),
    )
    const { deps, notified } = setUp({ a: outbox })
    let clock = 0
    const message = new Message('a')
    await consumeNotices([message], { ...deps, now: () => (clock += 6_000) })
    expect(notified).toEqual([message.body])
    expect(message.retries).toEqual([])
    expect(outbox.persisted).toBeGreaterThan(0)
    expect(outbox.persisted).toBeLessThan(12)
  })

  it('tells a conversation of a clearing, and drains those of the other notices', async () => {
    const { deps, cleared, history } = setUp({
      a: new FakeOutbox('a', [events('a', 1)]),
      b: new FakeOutbox('b', [events('b', 1)]),
    })
    await consumeNotices([new Message('a', 1, 't', 77), new Message('b')], deps)
    expect(cleared).toMatchObject([{ conversation_id: 'a', marker: 77 }])
    expect(await stored(history, 'a')).toEqual([])
    expect(await stored(history, 'b')).toEqual(['b1'])
  })

  it('follows the notice that was delivered most often, so that its count goes on', async () => {
    const { deps } = setUp({ a: brokenOutbox })
    const messages = [new Message('a', 1), new Message('a', 4), new Message('a', 2)]
    await consumeNotices(messages, deps)
    expect(messages.map(({ retries }) => retries)).toEqual([[], [8], []])
  })

  it('logs an event that was set aside by its id, without its content', async () => {
    const history = new FakeHistory()
    const { deps, lines } = setUp(
      { a: new FakeOutbox('a', [[{ event_id: 'x' }]]), b: new FakeOutbox('b', [[{ event_id: 'x', note: 'private' }]]) },
      history,
    )
    await consumeNotices([new Message('a'), new Message('b')], deps)
    expect(lines.at(-1)).toMatchObject({ level: 'error', fields: { tenant: 't', conversation_id: 'b', seq: 1, event_id: 'x' } })
    expect(JSON.stringify(lines)).not.toContain('private')
  })
})

it('logs no id that looks like a secret', async () => {
  const key = `evs_${'k'.repeat(16)}_${'s'.repeat(43)}`
  const outbox = new FakeOutbox(key, [[{ event_id: `of ${key}` }]])
  const { deps, lines } = setUp({ a: new FakeOutbox('a', [[{ event_id: `of ${key}` }]]), [key]: outbox })
  await consumeNotices([new Message('a'), new Message(key)], deps)
  const log: ConsumerDeps['log'] = (level, message, fields) => lines.push({ level, message, fields })
  await consumeDeadNotices([new Message(key)], { sendLater: async () => undefined, log })
  const ids = lines.filter(({ level }) => level === 'error').map(({ fields }) => [fields?.conversation_id, fields?.event_id])
  expect(ids).toEqual([
    ['[redacted]', '[redacted]'],
    ['[redacted]', undefined],
  ])
})

it('logs every notice that was given up on, and sends those of clearings again', async () => {
  const lines: Line[] = []
  const sent: Notice[] = []
  const deps = {
    sendLater: async (notice: Notice) => void sent.push(notice),
    log: ((level, message, fields) => lines.push({ level, message, fields })) satisfies ConsumerDeps['log'],
  }
  await consumeDeadNotices([new Message('a', 21), new Message('b', 21), new Message('c', 21, 't', 5)], deps)
  expect(lines).toMatchObject([
    { level: 'error', fields: { tenant: 't', conversation_id: 'a', attempts: 21 } },
    { level: 'error', fields: { tenant: 't', conversation_id: 'b', attempts: 21 } },
    { level: 'error', message: 'a conversation could not be cleared; it is tried again in an hour' },
  ])
  expect(sent).toEqual([{ tenant: 't', conversation_id: 'c', cleared_through: 5 }])
})

it('sends a notice of what is past its term again for three days, since the history may be cleared and the object not told', async () => {
  const lines: Line[] = []
  const sent: Notice[] = []
  const deps = {
    sendLater: async (notice: Notice) => void sent.push(notice),
    log: ((level, message, fields) => lines.push({ level, message, fields })) satisfies ConsumerDeps['log'],
  }
  const expired = { tenant: 't', conversation_id: 'd', cleared_through: 5, history: 'expired' } as const
  let rounds = 0
  for (let body: Notice | undefined = expired; body; body = sent.shift()) {
    expect(body).toMatchObject(expired)
    await consumeDeadNotices([{ body, attempts: 21 }], deps)
    rounds += 1
    if (rounds > 1_000) break
  }
  expect(rounds).toBe(73)
  expect(lines[0]?.message).toBe('a conversation could not be cleared; it is tried again in an hour')
  expect(lines.at(-1)?.message).toBe('what is past its term was not cleared; the next pass finds it')
})
