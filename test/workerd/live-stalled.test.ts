import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { AppDeps } from '../../src/http/context.ts'
import { type ConversationPages, conversationPages } from '../../src/http/conversation-pages.ts'
import { conversationsOf } from '../../src/http/conversations.ts'
import { ConversationReader, MAX_HELD_BYTES } from '../../src/http/live/conversation-reader.ts'
import type { EventStream } from '../../src/http/live/event-stream.ts'
import { followConversation, PAGE_BYTES } from '../../src/http/live/follow-conversation.ts'
import { InMemoryHistory } from '../../src/store/in-memory/history.ts'
import { Talk } from './live-support.ts'
import { decode, TENANT } from './support.ts'

const READERS = 200
const APPENDS = 70

/** A stream whose client takes everything at once, or nothing. */
class TestStream implements EventStream {
  readonly #over = new AbortController()
  readonly #takes: boolean
  ids: string[] = []
  /** Handed over and not taken. */
  heldBytes = 0

  constructor(takes: boolean) {
    this.#takes = takes
  }

  get over() {
    return this.#over.signal
  }

  async write(messages: string | Uint8Array): Promise<boolean> {
    const text = typeof messages === 'string' ? messages : new TextDecoder().decode(messages)
    if (this.#takes) {
      this.ids.push(...[...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id as string))
      return true
    }
    this.heldBytes += text.length
    await new Promise<void>((resolve) => this.over.addEventListener('abort', () => resolve()))
    return false
  }

  spend(): void {}

  end(): void {
    this.#over.abort()
  }
}

async function follow(conversation: Talk, pages: ConversationPages, takes: boolean) {
  const open = () => conversation.rpc.listen()
  const stream = new TestStream(takes)
  const reader = new ConversationReader(0)
  const socket = await open()
  if (!socket) throw new Error('there is no room')
  const done = followConversation(stream, reader, socket, {
    pages,
    open,
    wait: () => Promise.resolve(),
    count: () => undefined,
    now: Date.now,
    every: () => () => undefined,
  })
  return { stream, reader, done }
}

const objects = conversationsOf(
  env.CONVERSATIONS,
  async () => undefined,
  () => undefined,
)

it('200 readers get everything while one of them takes nothing, for which a bounded amount is held', {
  timeout: 60_000,
}, async () => {
  const conversation = new Talk()
  await conversation.record('first')
  const deps = { conversations: objects } as AppDeps
  const pages = conversationPages({ deps, tenant: TENANT }, conversation.id, {}, PAGE_BYTES)
  let most = 0
  const readers = await Promise.all(Array.from({ length: READERS }, (_, n) => follow(conversation, pages, n > 0)))
  const [stalled, ...others] = readers
  if (!stalled) throw new Error('there are no readers')
  for (let n = 0; n < APPENDS; n++) {
    await conversation.append([{ event_id: `${n}@${conversation.id}`, note: 'x'.repeat(8_000) }])
    most = Math.max(most, stalled.reader.heldBytes)
  }
  const all = Array.from({ length: APPENDS + 1 }, (_, i) => String(i + 1))
  await expect
    .poll(() => others.filter(({ stream }) => stream.ids.length === all.length).length, { timeout: 20_000 })
    .toBe(READERS - 1)
  for (const { stream } of others) expect(stream.ids).toEqual(all)

  expect(APPENDS * 8_000).toBeGreaterThan(2 * MAX_HELD_BYTES)
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(MAX_HELD_BYTES)
  expect(stalled.stream.heldBytes).toBeLessThanOrEqual(PAGE_BYTES + MAX_HELD_BYTES)
  for (const { stream } of readers) stream.end()
  await Promise.all(readers.map(({ done }) => done))
})

it('what the object has trimmed comes in pages of the same size from the history', async () => {
  const conversation = new Talk()
  await conversation.quiet()
  const ids = Array.from({ length: 30 }, (_, i) => String(i + 1))
  for (const id of ids) await conversation.append([{ event_id: `${id}@${conversation.id}`, note: 'x'.repeat(30_000) }])
  const handout = await conversation.rpc.pending(1e9)
  if (!handout) throw new Error('nothing is pending')
  const history = new InMemoryHistory()
  await history.append([{ ...handout, events: decode(handout.events) }])
  await conversation.trim()
  const pages = conversationPages(
    { deps: { conversations: objects, history } as unknown as AppDeps, tenant: TENANT },
    conversation.id,
    {},
    PAGE_BYTES,
  )
  const [stalled, other] = await Promise.all([follow(conversation, pages, false), follow(conversation, pages, true)])
  await expect.poll(() => other.stream.ids.length, { timeout: 20_000 }).toBe(ids.length)
  expect(other.stream.ids).toEqual(ids)
  await expect.poll(() => stalled.stream.heldBytes).toBeGreaterThan(PAGE_BYTES / 2)
  expect(stalled.stream.heldBytes).toBeLessThanOrEqual(PAGE_BYTES + 8 * 200)
  for (const { stream, done } of [stalled, other]) {
    stream.end()
    await done
  }
})
