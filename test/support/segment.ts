import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What happens to one request instead of an answer by the rules. A stalled one is never answered, until `release`. */
export type Trouble = { readonly status: number; readonly retryAfter?: string; readonly location?: string } | 'stall' | 'cut'

export interface TrackEvent {
  readonly type: string
  readonly event: string
  readonly userId?: string
  readonly anonymousId?: string
  readonly messageId: string
  readonly timestamp: string
  readonly properties: Record<string, unknown>
  readonly context: Record<string, unknown>
}

const KB = 1024
const MAX_REQUEST_BYTES = 500 * KB
const MAX_EVENT_BYTES = 32 * KB
const MAX_EVENTS = 2_500
const MESSAGE_ID_BELOW = 100

/**
 * Segment's HTTP Tracking API as it is documented: `POST /v1/batch` with Basic authentication, 400 for what is too large or
 * no JSON, and 200 for everything else, even events that it drops. Knows a `messageId` again.
 */
export class FakeSegment {
  readonly writeKey: string
  /** Without a slash at its end. */
  url = ''
  /** What arrived, by `messageId`. */
  readonly events = new Map<string, TrackEvent>()
  /** Events answered with 200 and thrown away, with the reason. */
  readonly dropped: string[] = []
  /** Status of every request so far; 0 for one without an answer. */
  readonly answers: number[] = []
  /** For the next requests, one each. */
  readonly troubles: Trouble[] = []
  readonly #server: Server
  readonly #stalled: ServerResponse[] = []

  private constructor(writeKey: string) {
    this.writeKey = writeKey
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  static async start(writeKey: string): Promise<FakeSegment> {
    const fake = new FakeSegment(writeKey)
    await new Promise<void>((done) => fake.#server.listen(0, '127.0.0.1', done))
    fake.url = `http://127.0.0.1:${(fake.#server.address() as AddressInfo).port}`
    return fake
  }

  /** Requests that wait for an answer that does not come. */
  get stalled(): number {
    return this.#stalled.length
  }

  /** Cuts the connections of the stalled requests. */
  release(): void {
    for (const response of this.#stalled.splice(0)) response.destroy()
  }

  stop(): Promise<void> {
    this.release()
    this.#server.closeAllConnections()
    return new Promise((done) => this.#server.close(() => done()))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const trouble = this.troubles.shift()
    if (trouble === 'stall' || trouble === 'cut') {
      this.answers.push(0)
      if (trouble === 'stall') this.#stalled.push(response)
      else response.destroy()
      return
    }
    const status = trouble ? trouble.status : this.#take(request, Buffer.concat(chunks))
    this.answers.push(status)
    const { retryAfter, location } = trouble ?? {}
    response.writeHead(status, {
      'Content-Type': 'application/json',
      ...(retryAfter === undefined ? {} : { 'Retry-After': retryAfter }),
      ...(location === undefined ? {} : { Location: location }),
    })
    response.end(JSON.stringify(status === 200 ? { success: true } : { success: false }))
  }

  #take(request: IncomingMessage, body: Buffer): number {
    if (request.method !== 'POST' || request.url !== '/v1/batch') return 404
    if (request.headers.authorization !== `Basic ${Buffer.from(`${this.writeKey}:`).toString('base64')}`) return 401
    if (request.headers['content-type'] !== 'application/json' || body.length > MAX_REQUEST_BYTES) return 400
    const batch = readBatch(body.toString('utf8'))
    if (batch === null || batch.some((event) => Buffer.byteLength(JSON.stringify(event)) >= MAX_EVENT_BYTES)) return 400
    batch.forEach((event, i) => {
      const why = i >= MAX_EVENTS ? 'too many events' : whyDropped(event)
      if (why !== null) this.dropped.push(why)
      else if (!this.events.has(event.messageId)) this.events.set(event.messageId, event)
    })
    return 200
  }
}

function readBatch(text: string): TrackEvent[] | null {
  try {
    const { batch } = JSON.parse(text) as { batch?: unknown }
    return Array.isArray(batch) ? (batch as TrackEvent[]) : null
  } catch {
    return null
  }
}

function whyDropped(event: TrackEvent): string | null {
  if (event.type !== 'track' || !event.event) return 'a track call without an event'
  if (!event.userId && !event.anonymousId) return 'no_user_anon_id'
  if (!event.messageId || event.messageId.length >= MESSAGE_ID_BELOW) return 'a messageId that is too long'
  if (Number.isNaN(Date.parse(event.timestamp))) return 'no time'
  return null
}
