import { HttpEventStore, type HttpEventStoreOptions } from '../../../src/client/index.ts'
import { eventText } from '../../support/events.ts'
import { FakeTiming, ScriptedFetch, type Step } from '../scripted-fetch.ts'

/** How a stream goes on once it has said what it has to say. */
export type Ending = 'end' | 'break' | 'stay'

export interface StreamOptions {
  /** Called when the reader lets go. */
  readonly onCancel?: () => void
  /** Sizes of the pieces in bytes, again and again. Default: one piece. */
  readonly sizes?: readonly number[]
}

/** An answer that is a stream of server-sent events. */
export function stream(
  text: string,
  ending: Ending = 'end',
  { onCancel, sizes = [Infinity] }: StreamOptions = {},
): () => Response {
  return () => {
    const bytes = new TextEncoder().encode(text)
    let at = 0
    let pieces = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at < bytes.length) {
          const size = sizes[pieces++ % sizes.length] ?? 1
          controller.enqueue(bytes.slice(at, at + size))
          at += size
        } else if (ending === 'end') controller.close()
        else if (ending === 'break') controller.error(new TypeError('terminated'))
        else return new Promise(() => {})
        return undefined
      },
      cancel: () => onCancel?.(),
    })
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream; charset=utf-8' } })
  }
}

export interface ItemOptions {
  readonly recorded_at?: string
  /** JSON text of the event. */
  readonly event?: string
}

/** The message of one event; its id is `e<seq>`. */
export function item(seq: number, { recorded_at, event }: ItemOptions = {}): string {
  const text = event ?? eventText({ conversation: 'c', id: `e${seq}` })
  const at = recorded_at ?? new Date(Date.UTC(2026, 0, 1) + seq).toISOString()
  const data = `{"seq":${seq},"cursor":"${seq}","recorded_at":"${at}","event":${text}}`
  return `event: event\nid: ${seq}\ndata: ${data.replaceAll('\n', '\ndata: ')}\n\n`
}

export const items = (...seqs: number[]): string => seqs.map((seq) => item(seq)).join('')

export const upToDate = (cursor: string): string => `event: up-to-date\ndata: {"cursor":"${cursor}"}\n\n`

export function errorMessage(status: number, kind: string): string {
  const type = `urn:edge-event-store:problem:${kind}`
  return `event: error\ndata: ${JSON.stringify({ type, title: 'A title', status, detail: 'A detail.' })}\n\n`
}

/** A store before a service that answers by a script, and what it was asked. */
export function liveStore(steps: readonly Step[], options: Partial<HttpEventStoreOptions> = {}) {
  const { fetch, calls } = new ScriptedFetch(...steps)
  const timing = new FakeTiming()
  const store = new HttpEventStore({ url: 'http://service.invalid', fetch, ...options }, timing)
  const lastIds = () => calls.map(({ headers }) => headers.get('Last-Event-ID'))
  return { store, calls, timing, lastIds }
}

/** The seqs of the first so many events, after which the reader stops. */
export async function take(live: AsyncIterable<{ readonly seq: number }>, count: number): Promise<number[]> {
  const seqs: number[] = []
  for await (const { seq } of live) {
    seqs.push(seq)
    if (seqs.length === count) break
  }
  return seqs
}
