import { EventPersistenceError } from '../../model/errors.ts'
import { member } from '../../model/event-context.ts'
import { MAX_EVENT_BYTES } from '../../model/limits.ts'
import { delayAfter } from '../../model/retry.ts'
import { within } from '../../model/timers.ts'
import type { Exchange } from '../exchange.ts'
import { failure, notTheService, understand } from '../failure.ts'
import { failureOfAnswer, parseProblem } from '../failure-of-answer.ts'
import type { LiveOptions } from '../options.ts'
import { readItem, type TextItem } from '../page-texts.ts'
import { type PagedRead, pathOf } from '../paged-read.ts'
import { EventStreamReader, type StreamMessage, type StreamPlace } from './event-stream.ts'

/** Three heartbeats of the service. */
const SILENCE_MS = 45_000

/** An event, and what stands around it in its message. */
const MAX_MESSAGE_CHARACTERS = MAX_EVENT_BYTES + 65_536

/** A stream that ended well after less, without an event, is not opened again at once. */
const LASTING_MS = 1_000

/** Beyond so many failures in a row the delay grows no more. */
const MAX_FAILURES = 30

/**
 * The items of a live stream, each once and in order. Opens it again from where it was whenever it ends, for ever: only what
 * cannot heal is thrown, and the reason of the signal when that aborts.
 */
export async function* follow(
  read: PagedRead,
  { onUpToDate, onRetry }: LiveOptions,
  { retry, timing }: Exchange,
  signal: AbortSignal,
): AsyncGenerator<TextItem, void, undefined> {
  const { operation, call } = read
  const place: StreamPlace = { lastEventId: '', retryMs: 0 }
  let position = -1n
  let newest = ''
  for (let failed = 0; ; ) {
    let lost: EventPersistenceError | undefined
    let isAtOnce = false
    try {
      const began = timing.now()
      const headers = { Accept: 'text/event-stream', ...(place.lastEventId ? { 'Last-Event-ID': place.lastEventId } : {}) }
      const { body } = await call({ operation, method: 'GET', path: pathOf(read), headers, isStream: true, signal })
      for await (const { type, data } of messagesOf(operation, body, place, signal)) {
        if (type === 'error') throw failureWithin(operation, data)
        if (type === 'up-to-date') onUpToDate?.(understand(operation, data, readCursor))
        else if (type !== 'event') continue
        else {
          const { item, at } = understand(operation, data, readPlacedItem)
          // A conversation that was cleared counts from 1 again; what it then holds is newer than all that it held.
          if (at <= position && item.recorded_at <= newest) continue
          position = at
          if (item.recorded_at > newest) newest = item.recorded_at
          isAtOnce = true
          yield item
          signal.throwIfAborted()
        }
        failed = 0
      }
      isAtOnce ||= timing.now() - began >= LASTING_MS
    } catch (thrown) {
      if (!(thrown instanceof EventPersistenceError) || !thrown.transient) throw thrown
      lost = thrown
    }
    if (isAtOnce && !lost) continue
    failed = Math.min(failed + 1, MAX_FAILURES)
    if (lost) onRetry?.(lost)
    const bounds = { ...retry, firstDelayMs: Math.max(retry.firstDelayMs, place.retryMs) }
    await timing.wait(delayAfter(failed, bounds, lost?.retryAfterMs, timing.random()), signal)
  }
}

/** The messages of one connection, which ends with the reader or the signal, and when nothing comes any more. */
async function* messagesOf(
  operation: string,
  body: ReadableStream<Uint8Array> | null | undefined,
  place: StreamPlace,
  signal: AbortSignal,
): AsyncGenerator<StreamMessage, void, undefined> {
  if (!body) throw notTheService(operation)
  const stream = new EventStreamReader(place)
  const decoder = new TextDecoder()
  const reader = body.getReader()
  // A reader that is busy with an item, or asks for no other, holds no connection beyond the signal.
  const letGo = () => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', letGo)
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), SILENCE_MS, silence).catch((cause: unknown) => {
        throw failure(operation, 'the connection was lost', { transient: true, cause })
      })
      signal.throwIfAborted()
      if (done) return
      yield* stream.read(decoder.decode(value, { stream: true }))
      if (stream.pending > MAX_MESSAGE_CHARACTERS) throw notTheService(operation)
    }
  } finally {
    signal.removeEventListener('abort', letGo)
    letGo()
  }
}

async function silence(): Promise<never> {
  throw new Error(`nothing came for ${SILENCE_MS} ms`)
}

/** What the service said before it ended the stream. Whether another token would do shows when the stream is opened with it. */
function failureWithin(operation: string, data: string): Error {
  const status = parseProblem(data)?.status ?? 500
  const failure = failureOfAnswer(status, data, { operation })
  return status === 401 ? new EventPersistenceError(failure.message, { operation, transient: true, cause: failure }) : failure
}

function readPlacedItem(text: string): { readonly item: TextItem; readonly at: bigint } {
  const item = readItem(text)
  return { item, at: BigInt(item.cursor) }
}

function readCursor(text: string): string {
  const cursor = member(JSON.parse(text), 'cursor')
  if (typeof cursor !== 'string') throw new Error('the place is no cursor')
  return cursor
}
