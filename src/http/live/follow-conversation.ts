import type { ConversationPages } from '../conversation-pages.ts'
import type { ConversationReader } from './conversation-reader.ts'
import { listen } from './conversation-socket.ts'
import type { EventStream } from './event-stream.ts'

/** How often a stream opens its socket anew before it leaves that to its client: an object that moves or restarts is back at once. */
const MAX_REOPENINGS = 2

/** A socket that lived so long is no failing one. */
const SETTLED_MS = 60_000

/** Readers of one object lose it together and must not come back together. */
const REOPEN_WITHIN_MS = 500

/** Items of a page. Its text is bounded, too. */
const PAGE_ITEMS = 200

/** Text of a page: it is held until the client has taken it. A single larger event comes by itself. */
export const PAGE_BYTES = 256 * 1024

export interface FollowDeps {
  /** Pages of the conversation, of at most about `PAGE_BYTES`. */
  readonly pages: ConversationPages
  /** Another socket. Null when there is no room for it. */
  readonly open: () => Promise<WebSocket | null>
  /** Told how many events were written. */
  readonly count: (events: number) => void
  readonly wait: (ms: number) => Promise<void>
  /** Unix ms. */
  readonly now: () => number
  /** Runs something again and again until it is called off. */
  readonly every: (ms: number, run: () => void) => () => void
}

/** Writes what the reader lacks and then what comes, until the stream is over or the object is lost for good. */
export async function followConversation(
  stream: EventStream,
  reader: ConversationReader,
  first: WebSocket,
  deps: FollowDeps,
): Promise<void> {
  const bell = new Bell()
  let lost = false
  let openedAt = deps.now()
  let reopenings = 0
  const attend = (socket: WebSocket) =>
    listen(
      socket,
      {
        hear: (news) => {
          reader.hear(news)
          bell.ring()
        },
        lost: () => {
          reader.lost()
          lost = true
          bell.ring()
        },
      },
      deps.every,
    )
  let stop = attend(first)
  const onOver = () => bell.ring()
  stream.over.addEventListener('abort', onOver)
  try {
    while (!stream.over.aborted) {
      if (lost) {
        if (deps.now() - openedAt > SETTLED_MS) reopenings = 0
        if (reopenings === MAX_REOPENINGS) return
        reopenings += 1
        await deps.wait(Math.random() * REOPEN_WITHIN_MS)
        stream.spend(1)
        const socket = await deps.open().catch(() => null)
        if (!socket) continue
        lost = false
        openedAt = deps.now()
        stop = attend(socket)
      }
      const step = reader.next()
      if (step.kind === 'wait') await bell.rung()
      else if (step.kind === 'write') {
        if (await stream.write(step.messages)) deps.count(step.events)
      } else if (!(await read(stream, reader, step.after, deps))) {
        // Cleared meanwhile: a new socket tells where the conversation stands now.
        stop()
        reader.lost()
        lost = true
      }
    }
  } finally {
    stream.over.removeEventListener('abort', onOver)
    stop()
  }
}

/** False where the page is of another epoch. */
async function read(
  stream: EventStream,
  reader: ConversationReader,
  after: number,
  { pages, count }: FollowDeps,
): Promise<boolean> {
  // A page may take the object, Postgres and the object again.
  stream.spend(3)
  const { place, items, messages } = await fetched(pages, after)
  if (!reader.use(place)) return false
  if (messages.byteLength > 0 && (await stream.write(messages))) count(items)
  return true
}

/** A page without its text: a client may take long for the bytes of it, and the two need not both be held. */
async function fetched(pages: ConversationPages, after: number) {
  const { body, epoch, items, last_seq, next_cursor } = await pages({ after: String(after), limit: PAGE_ITEMS, format: 'sse' })
  // As a whole: half a message would spoil what follows, and the object must not wait for the client.
  const messages = new Uint8Array(await new Response(body).arrayBuffer())
  return { place: { epoch, through_seq: Math.max(last_seq, Number(next_cursor ?? 0)) }, items, messages }
}

/** Wakes whoever waits. A ring that nobody heard is heard by the next. */
class Bell {
  #rung = false
  #wake: (() => void) | null = null

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  async rung(): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = null
    }
    this.#rung = false
  }
}
