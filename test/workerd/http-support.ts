import { exports } from 'cloudflare:workers'
import { SESSION_HEADER } from '../../src/protocol/session.ts'
import { type SampleEvent, sampleEvent } from '../conversation/samples.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; typed loosely, since the tests compare it. */
  readonly json: Record<string, unknown> & { readonly items: Item[]; readonly next_cursor: string | null }
  /** The session to send with the next request. */
  readonly session: Record<string, string>
}

export interface Item {
  readonly seq: number
  readonly cursor: string
  readonly event: { readonly event_id: string }
}

export async function call(path: string, init: RequestInit = {}): Promise<Answer> {
  return read(await exports.default.fetch(`https://localhost${path}`, init))
}

export async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('Content-Type') ?? '') && text !== ''
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : {},
    session: { [SESSION_HEADER]: response.headers.get(SESSION_HEADER) ?? '' },
  }
}

export function post(events: readonly SampleEvent[], query = '', headers: Record<string, string> = {}): Promise<Answer> {
  return postText(JSON.stringify(events.map(sampleEvent)), query, headers)
}

export function postText(body: BodyInit, query = '', headers: Record<string, string> = {}): Promise<Answer> {
  return call(`/v1/events${query}`, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } })
}

export const idsOf = (answer: Answer): string[] => answer.json.items.map(({ event }) => event.event_id)

/** Items of an answer in lines. */
export const linesOf = (answer: Answer): Item[] =>
  answer.text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Item)

export const LINES = { Accept: 'application/x-ndjson' }

export const newId = (): string => crypto.randomUUID()
