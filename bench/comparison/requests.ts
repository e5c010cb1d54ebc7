import { type EventSize, renderBody } from '../bodies.ts'
import { runLoad, send } from '../load.ts'
import type { System } from '../stage.ts'
import { median } from '../statistics.ts'
import type { Sample } from './compare.ts'
import type { Trial } from './trial.ts'

/** Requests and bytes of a round, counted as they are answered. */
export class Tally {
  requests = 0
  events = 0
  sent_bytes = 0
  received_bytes = 0

  /** Posts a body that is filled already. */
  async post(
    trial: Pick<Trial, 'acknowledge' | 'fail'>,
    system: System,
    conversation: string,
    body: { bytes: Buffer; events: number },
  ): Promise<void> {
    const demand = { method: 'POST', url: system.appendUrl(conversation), body: body.bytes } as const
    const answer = await send(demand).catch((failure: unknown) => trial.fail(system, body.events, failure))
    if (!answer) return
    this.requests += 1
    this.events += body.events
    this.sent_bytes += body.bytes.byteLength
    this.received_bytes += answer.body.byteLength
    trial.acknowledge(system, body.events)
  }

  async get(url: string): Promise<Buffer> {
    const { body } = await send({ url })
    this.requests += 1
    this.received_bytes += body.byteLength
    return body
  }

  sample(value: number, latencies: readonly number[]): Sample {
    const { requests, events, sent_bytes, received_bytes } = this
    return { value, requests, events, sent_bytes, received_bytes, latencies }
  }

  /** With the median latency as its value. */
  timed(latencies: readonly number[]): Sample {
    return this.sample(median(latencies), latencies)
  }
}

export const PAGE_EVENTS = 1_000

const NEXT_CURSOR = /"next_cursor":(?:null|"([^"]*)")\}$/
/** Longer than any end of a page with a cursor. */
const TAIL_BYTES = 200

/** Reads a list to its end, page by page. Throws unless it has as many pages as that many events have. */
export async function readAll(tally: Tally, listUrl: string, events: number, query = ''): Promise<Buffer[]> {
  const pages: Buffer[] = []
  for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
    const page = await tally.get(`${listUrl}?limit=${PAGE_EVENTS}${query}${after === undefined ? '' : `&after=${after}`}`)
    pages.push(page)
    const end = NEXT_CURSOR.exec(page.toString('latin1', Math.max(page.byteLength - TAIL_BYTES, 0)))
    if (!end) throw new Error(`${listUrl} did not answer with a page`)
    after = end[1]
  }
  if (pages.length !== Math.max(Math.ceil(events / PAGE_EVENTS), 1)) {
    throw new Error(`${listUrl} has ${pages.length} pages instead of those of ${events} events`)
  }
  return pages
}

/** The ids of the events of a page, in its order. */
export function eventIds(page: Buffer): string[] {
  const { items } = JSON.parse(page.toString()) as { items: { event: { event_id: string } }[] }
  return items.map(({ event }) => event.event_id)
}

/** Events that one request brings at most while a conversation is filled. */
const FILLED_AT_ONCE = 1_000

/** Appends so many events to one conversation. */
export async function fillConversation(trial: Trial, system: System, conversation: string, events: number): Promise<void> {
  const tally = new Tally()
  for (let left = events; left > 0; ) {
    const body = renderBody('small', Math.min(left, FILLED_AT_ONCE))
    body.fill(conversation)
    await tally.post(trial, system, conversation, body)
    left -= body.events
  }
}

/** One event in each conversation, so that what is measured later creates nothing. */
export async function createAll(
  trial: Pick<Trial, 'acknowledge' | 'fail'>,
  system: System,
  conversations: readonly string[],
): Promise<void> {
  const tally = new Tally()
  const bodies = senders('small', 1)
  await runLoad({ concurrency: CREATORS, requests: conversations.length }, (sender, request) => {
    const conversation = conversations[request] as string
    const body = bodies[sender] as (typeof bodies)[number]
    body.fill(conversation)
    return tally.post(trial, system, conversation, body)
  })
}

const CREATORS = 16

/** A body for each sender, since its bytes are used again. */
export function senders(size: EventSize, events: number, count = CREATORS) {
  return Array.from({ length: count }, (_, sender) => renderBody(size, events, sender * 3))
}
