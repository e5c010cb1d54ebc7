import { expect, it, vi } from 'vitest'
import type { StoredEvent } from '../../src/client/index.ts'
import type { EventStoreClient } from '../../src/explorer/data/client.tsx'
import { ConversationLog } from '../../src/explorer/data/conversation-log.ts'
import { ReadEvent } from '../../src/explorer/data/verbatim-codec.ts'

type Stored = StoredEvent<ReadEvent>

const event = (seq: number, text: string): Stored => ({
  seq,
  cursor: String(seq),
  recorded_at: '2026-01-31T12:00:00.000Z',
  event: new ReadEvent(text, null, text),
})

/** A conversation at its server, and what its live reader is yet to be told. */
interface Served {
  log: Stored[]
  news: Stored[]
}

function clientOf(served: Served): EventStoreClient {
  const store = {
    readConversation: async function* (_id: string, { after }: { after: number }) {
      yield* served.log.filter(({ seq }) => seq > after)
    },
    live: async function* (_id: string, { signal, onUpToDate }: { signal: AbortSignal; onUpToDate: () => void }) {
      for (let item = served.news.shift(); item; item = served.news.shift()) {
        served.log = [...served.log.filter(({ seq }) => seq < (item as Stored).seq), item]
        yield item
      }
      onUpToDate()
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
  }
  return { store } as unknown as EventStoreClient
}

const logOf = (texts: string) => [...texts].map((text, i) => event(i + 1, text))

function shown(log: ConversationLog) {
  const { items, epoch } = log.getSnapshot()
  return { texts: items.map(({ text }) => text).join(''), epoch }
}

/** What is shown of a log that has `history` at first, and then what `news` bring. */
async function followed(history: string, news: readonly Stored[]) {
  const log = new ConversationLog(clientOf({ log: logOf(history), news: [...news] }), 'c')
  log.setLive(true)
  const stop = log.subscribe(() => undefined)
  await vi.waitFor(() => expect(log.getSnapshot().upToDate).toBe(true))
  await new Promise((resolve) => setTimeout(resolve, 60))
  stop()
  return shown(log)
}

it('goes on where the history ended', async () => {
  expect(await followed('ab', [event(3, 'c')])).toEqual({ texts: 'abc', epoch: 0 })
})

it('shows an event once that comes again', async () => {
  expect(await followed('ab', [event(2, 'b'), event(3, 'c')])).toEqual({ texts: 'abc', epoch: 0 })
})

it.each([
  ['another event', 'xy'],
  ['the same event', 'ay'],
])('begins anew with a conversation that was cleared and counts from 1 again, with %s', async (_, later) => {
  expect(await followed('ab', [event(3, 'c'), ...logOf(later)])).toEqual({ texts: later, epoch: 1 })
})

it('shows what follows the same events as before a clearing', async () => {
  expect(await followed('abc', [event(1, 'a'), event(2, 'b'), event(3, 'Z'), event(4, 'W')])).toEqual({ texts: 'abZW', epoch: 1 })
})

it.each([
  ['is longer', 'abc', 'VWXYZ'],
  ['is shorter', 'abc', 'V'],
  ['is as long', 'abc', 'VWX'],
  ['is empty', 'abc', ''],
])('looks again at a conversation that was cleared meanwhile and %s', async (_, before, after) => {
  const served = { log: logOf(before), news: [] as Stored[] }
  const log = new ConversationLog(clientOf(served), 'c')
  const stop = log.subscribe(() => undefined)
  await vi.waitFor(() => expect(log.getSnapshot().phase).toBe('loaded'))
  served.log = logOf(after)
  log.retry()
  await vi.waitFor(() => expect(shown(log)).toEqual({ texts: after, epoch: 1 }))
  await vi.waitFor(() => expect(log.getSnapshot().phase).toBe('loaded'))
  stop()
})

it('looks again at a conversation that has grown, without beginning anew', async () => {
  const served = { log: logOf('abc'), news: [] as Stored[] }
  const log = new ConversationLog(clientOf(served), 'c')
  const stop = log.subscribe(() => undefined)
  await vi.waitFor(() => expect(log.getSnapshot().phase).toBe('loaded'))
  served.log = logOf('abcd')
  log.retry()
  await vi.waitFor(() => expect(shown(log)).toEqual({ texts: 'abcd', epoch: 0 }))
  stop()
})
