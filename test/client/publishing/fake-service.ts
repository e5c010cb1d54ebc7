import { EventPublisher, type EventPublisherOptions } from '../../../src/client/publishing/event-publisher.ts'

export interface SeenRequest {
  readonly url: string
  readonly body: string
  readonly key: string | null
  readonly authorization: string | null
}

export interface PublishedEvent {
  readonly event_type: string
  readonly event_name?: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
}

/** The service as a publisher sees it, and everything that the publisher says. */
export class FakeService {
  readonly requests: SeenRequest[] = []
  readonly logged: { readonly level: string; readonly message: string; readonly reason: unknown }[] = []
  /** Answers of the next requests; then 202. An error: the service cannot be reached. */
  readonly answers: (number | Error | Response)[] = []

  publisher(options: EventPublisherOptions = {}): EventPublisher {
    return new EventPublisher({
      url: 'https://events.example',
      applicationName: 'orders',
      fetch: this.fetch,
      log: (level, message, fields) => this.logged.push({ level, message, reason: fields?.reason }),
      retry: { firstDelayMs: 1, longestDelayMs: 1 },
      ...options,
    })
  }

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    const [key, authorization] = [headers.get('Idempotency-Key'), headers.get('Authorization')]
    this.requests.push({ url: String(input), body: String(init.body), key, authorization })
    const answer = this.answers.shift() ?? 202
    if (answer instanceof Error) throw answer
    if (answer instanceof Response) return answer
    return new Response('{"published":1,"event_ids":["1"]}', { status: answer })
  }

  /** The events of all requests, in order. */
  get events(): PublishedEvent[] {
    return this.requests.flatMap(({ body }) => JSON.parse(body) as PublishedEvent | PublishedEvent[])
  }
}
