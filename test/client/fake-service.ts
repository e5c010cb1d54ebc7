import { decodeSession, EMPTY_SESSION, encodeSession, SESSION_HEADER } from '../../src/protocol/session.ts'
import { eventText } from '../support/events.ts'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  /** The conversations that its session names. */
  readonly session: readonly string[]
}

/**
 * As much of the service as the session needs: a write is in its conversation at once, and in the history when a read
 * of the history names the conversation. An event's id is its conversation's. No delivery but that one.
 */
export class FakeService {
  readonly requests: SeenRequest[] = []
  readonly history = new Set<string>()
  historyIsAway = false
  /** Answers a read of the history as a service that takes nothing off the session. */
  keepsSessions = false

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const { pathname } = new URL(String(input))
    const method = init.method ?? 'GET'
    const header = new Headers(init.headers).get(SESSION_HEADER)
    const session = (header === null ? null : decodeSession(header)) ?? EMPTY_SESSION
    this.requests.push({ method, path: pathname, session: [...session.written.keys()] })
    await new Promise((resolve) => setImmediate(resolve))
    if (method === 'POST') {
      const events = JSON.parse(String(init.body)) as { event_id: string }[]
      const conversations = events.map(({ event_id }) => ({ conversation_id: event_id, first_seq: 1, last_seq: 1 }))
      const written = new Map([...session.written, ...events.map(({ event_id }) => [event_id, 1] as const)])
      const outcomes = events.map(({ event_id }) => ({ event_id, outcome: 'recorded', seq: 1 }))
      const counts = { recorded: events.length, duplicates: 0, conflicts: [] }
      return this.#answer(JSON.stringify({ ...counts, conversations, events: outcomes }), written)
    }
    if (pathname.startsWith('/v1/conversations/')) return this.#answer('{"items":[],"next_cursor":null}', session.written)
    if (this.historyIsAway) return new Response('{}', { status: 503 })
    for (const conversation of session.written.keys()) this.history.add(conversation)
    const left = this.keepsSessions ? session.written : new Map<string, number>()
    if (!pathname.startsWith('/v1/events/')) return this.#answer('{"items":[],"next_cursor":null}', left)
    const id = decodeURIComponent(pathname.slice('/v1/events/'.length))
    if (!this.history.has(id)) {
      const type = 'urn:edge-event-store:problem:not-found'
      return Response.json({ type, title: 'Not found', status: 404, detail: 'There is no event.' }, { status: 404 })
    }
    return this.#answer(`{"seq":1,"event":${eventText({ conversation: id, id })}}`, left)
  }

  #answer(body: string, written: ReadonlyMap<string, number>): Response {
    return new Response(body, { headers: { [SESSION_HEADER]: encodeSession({ written, cleared_through: null }).value ?? '' } })
  }
}
