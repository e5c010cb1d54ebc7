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

/** A client whose history is `history`, and whose live reader then gives `later` and stays. */
function clientOf(history: readonly Stored[], later: readonly Stored[]): EventStoreClient {
  const store = {
    readConversation: async function* (_id: string, { after }: { after: number }) {
      yield* history.filter(({ seq }) => seq > after)
    },
    live: async function* (_id: string, { onUpToDate }: { onUpToDate: () => void }) {
      yield* later
      onUpToDate()
      await new Promise(() => undefined)
    },
  }
  return { store } as unknown as EventStoreClient
}

async function followed(history: readonly Stored[], later: readonly Stored[]) {
  const log = new ConversationLog(clientOf(history, later), 'c')
  log.setLive(true)
  const stop = log.subscribe(() => undefined)
  await vi.waitFor(() => expect(log.getSnapshot().upToDate).toBe(true))
  await new Promise((resolve) => setTimeout(resolve, 60))
  const { items, epoch } = log.getSnapshot()
  stop()
  return { texts: items.map(({ text }) => text), epoch }
}

it('goes on where the history ended', async () => {
  expect(await followed([event(1, 'a'), event(2, 'b')], [event(3, 'c')])).toEqual({ texts: ['a', 'b', 'c'], epoch: 0 })
})

it('shows an event once that comes again', async () => {
  expect(await followed([event(1, 'a'), event(2, 'b')], [event(2, 'b'), event(3, 'c')])).toEqual({
    texts: ['a', 'b', 'c'],
    epoch: 0,
  })
})

it('begins anew with a conversation that was cleared and counts from 1 again', async () => {
  const later = [event(3, 'c'), event(1, 'x'), event(2, 'y')]
  expect(await followed([event(1, 'a'), event(2, 'b')], later)).toEqual({ texts: ['x', 'y'], epoch: 1 })
})
