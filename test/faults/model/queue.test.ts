import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { expect, inject, it, vi } from 'vitest'
import { conversationObjectName, type Notice } from '../../../src/conversation/rpc.ts'
import { conversationsOf } from '../../../src/http/conversations.ts'
import { consumeNotices, type NoticeMessage } from '../../../src/ingest/consume-notices.ts'
import { forwardNothing } from '../../../src/ingest/drain.ts'
import { sendNotices } from '../../../src/ingest/send-notices.ts'
import type { AppendOutcome, PendingEvents } from '../../../src/model/history.ts'
import { InMemoryHistory } from '../../../src/store/in-memory/history.ts'
import { batchOf } from '../../conversation/samples.ts'

const { runs, seed } = inject('model')

type Step =
  | { readonly do: 'record'; readonly conversation: number; readonly events: number }
  | { readonly do: 'deliver'; readonly order: readonly number[]; readonly twice: boolean; readonly historyFails: boolean }
  | { readonly do: 'lose'; readonly place: number }
  | { readonly do: 'evict' | 'alarm'; readonly conversation: number }
  | { readonly do: 'queue'; readonly works: boolean }

const CONVERSATIONS = 3
const conversation = fc.nat(CONVERSATIONS - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('record' as const), conversation, events: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      order: fc.array(fc.nat(9), { maxLength: 6 }),
      twice: fc.boolean(),
      historyFails: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), place: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('evict' as const, 'alarm' as const), conversation }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('queue' as const), works: fc.boolean() }) },
)

/** A queue that keeps its messages until the test delivers them, in any order, any number of times, or never. */
class WaywardQueue {
  readonly messages: { readonly body: Notice; attempts: number }[] = []
  works = true

  async send(body: Notice): Promise<void> {
    if (!this.works) throw new Error('the queue is away')
    this.messages.push({ body, attempts: 0 })
  }

  async sendBatch(batch: readonly { readonly body: Notice }[]): Promise<void> {
    for (const { body } of batch) await this.send(body)
  }
}

class FailingHistory extends InMemoryHistory {
  fails = false

  override async append(batches: readonly PendingEvents[]): Promise<AppendOutcome> {
    if (this.fails) throw new Error('the history is away')
    return super.append(batches)
  }
}

let playings = 0

async function play(steps: readonly Step[]): Promise<void> {
  playings += 1
  const tenant = `wayward-${playings}`
  const queue = new WaywardQueue()
  const history = new FailingHistory()
  const conversations = conversationsOf(
    env.CONVERSATIONS,
    async () => undefined,
    (notice) => void queue.send(notice).catch(() => undefined),
  )
  const names = Array.from({ length: CONVERSATIONS }, (_, i) => `conversation-${i}`)
  const recorded = new Map<string, string[]>(names.map((name) => [name, []]))
  const object = (name: string) => env.CONVERSATIONS.getByName(conversationObjectName(tenant, name))
  const useQueue = (name: string) =>
    runInDurableObject(object(name), (instance) => {
      ;(instance as unknown as { env: Record<string, unknown> }).env.NOTICES = queue
    })

  const deliver = async (messages: WaywardQueue['messages'], historyFails: boolean) => {
    const retried = new Set<WaywardQueue['messages'][number]>()
    const delivered = messages.map((message): NoticeMessage => {
      message.attempts += 1
      return { body: message.body, attempts: message.attempts, retry: () => void retried.add(message) }
    })
    history.fails = historyFails
    await consumeNotices(delivered, {
      history,
      forward: forwardNothing,
      conversation: ({ conversation_id }) => conversations(tenant, conversation_id),
      notify: (notices) => sendNotices(queue as unknown as Queue<Notice>, notices),
      log: () => undefined,
      retentionDays: null,
      now: Date.now,
    })
    for (const message of messages) {
      if (!retried.has(message) && queue.messages.includes(message)) queue.messages.splice(queue.messages.indexOf(message), 1)
    }
  }

  for (const name of names) await useQueue(name)
  let number = 0
  for (const one of steps) {
    switch (one.do) {
      case 'record': {
        const name = names[one.conversation] as string
        const ids = Array.from({ length: one.events }, (_, i) => `event-${number + i}`)
        number += one.events
        const batch = batchOf(ids.map((event_id) => ({ event_id, conversation_id: name })))
        const request = { tenant, ...batch, on_conflict: 'report', check_only: false, list_fresh: false } as const
        expect(await conversations(tenant, name).append(request)).toMatchObject({ outcome: 'recorded', recorded: one.events })
        recorded.get(name)?.push(...ids)
        break
      }
      case 'deliver': {
        const { messages } = queue
        if (messages.length === 0) break
        const chosen = one.order.flatMap((place) => messages[place % messages.length] ?? [])
        await deliver(one.twice ? [...chosen, ...chosen] : [...new Set(chosen)], one.historyFails)
        break
      }
      case 'lose':
        queue.messages.splice(one.place, 1)
        break
      case 'evict': {
        const name = names[one.conversation] as string
        await conversations(tenant, name).stat()
        await evictDurableObject(object(name))
        await useQueue(name)
        break
      }
      case 'alarm':
        await runDurableObjectAlarm(object(names[one.conversation] as string))
        break
      case 'queue':
        queue.works = one.works
    }
  }

  // From here on all is well: the alarms ring, and what they send arrives.
  queue.works = true
  for (const name of names) await runDurableObjectAlarm(object(name))
  while (queue.messages.length > 0) await deliver([...queue.messages], false)
  for (const [name, ids] of recorded) {
    expect(await conversations(tenant, name).stat()).toEqual(
      ids.length === 0 ? null : expect.objectContaining({ head_seq: ids.length, persisted_seq: ids.length }),
    )
    const page = await history.conversationEvents(tenant, name, { limit: 10_000 })
    expect(page.items.map(({ seq, event }) => [seq, JSON.parse(event).event_id])).toEqual(ids.map((id, i) => [i + 1, id]))
  }
  const feed = await history.feed(tenant, { limit: 10_000, order: 'asc' })
  expect(feed.items.length).toBe(number)
}

it('a queue that repeats, reorders, delays, loses and refuses its messages changes nothing in the end', {
  timeout: 60_000 + 1_000 * runs,
}, async () => {
  console.log(`wayward queue: MODEL_SEED=${seed} MODEL_RUNS=${runs}`)
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25, size: 'max' }), play), { numRuns: runs, seed })
})
