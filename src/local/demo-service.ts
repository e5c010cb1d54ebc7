/** What the demo cannot go on from, said in words for whoever ran it. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure'
}

/** A stored event as the service gives it, its text untouched. */
export interface DemoItem {
  readonly seq: number
  readonly cursor: string
  readonly text: string
}

export interface DemoService {
  /** Without a slash at its end. */
  readonly url: string
  /** Records one event; gives the status and the answer. */
  post(text: string): Promise<{ readonly status: number; readonly answer: unknown }>
  json(path: string): Promise<unknown>
  /** One item, such as an event by its id. */
  item(path: string): Promise<DemoItem>
  /** All items of a list: in the form of lines one answer holds them all. */
  items(path: string): Promise<DemoItem[]>
  /** Where the feed of all events ends now, as a cursor. */
  newestPosition(): Promise<string>
}

/** Longer than any answer of a service that works. */
const TIMEOUT_MS = 30_000

const SESSION = 'Event-Store-Session'
const LINES = 'application/x-ndjson'

/** Checks that an event store answers there and serves. Throws `DemoFailure` with what to do else. */
export async function connectService(
  url: string,
  apiKey: string | undefined,
): Promise<{ readonly service: DemoService; readonly history: string }> {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new DemoFailure(`--url must be an address such as http://127.0.0.1:8787`)
  const base = url.replace(/\/+$/, '')
  const answer = await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => null)
  if (answer === null) throw new DemoFailure(`No event store answers at ${base}: start it with npm start, or give --url`)
  const state = parse(await answer.text())
  if (answer.status !== 200 || typeof state.history !== 'string') {
    const why = typeof state.detail === 'string' ? state.detail : `GET /readyz answered ${answer.status}`
    throw new DemoFailure(`The event store at ${base} is not ready: ${why}`)
  }
  return { service: serviceAt(base, apiKey), history: state.history }
}

function serviceAt(url: string, apiKey: string | undefined): DemoService {
  /** Given back with every request, so that what was written is found by every key at once. */
  let session = ''
  const call = async (path: string, init: { readonly accept?: string; readonly body?: string } = {}) => {
    const headers = new Headers({ Accept: init.accept ?? 'application/json' })
    if (apiKey) headers.set('Authorization', `Bearer ${apiKey}`)
    if (session !== '') headers.set(SESSION, session)
    if (init.body !== undefined) headers.set('Content-Type', 'application/json')
    const method = init.body === undefined ? 'GET' : 'POST'
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const request = { method, headers, signal, ...(init.body === undefined ? {} : { body: init.body }) }
    const answer = await fetch(`${url}${path}`, request).catch((cause: unknown) => {
      throw new DemoFailure(`${method} ${path} got no answer: ${cause instanceof Error ? cause.message : String(cause)}`)
    })
    session = answer.headers.get(SESSION) ?? session
    const text = await answer.text()
    if (answer.ok) return { status: answer.status, text }
    const { title, detail } = parse(text)
    const hint =
      answer.status === 401 || answer.status === 403
        ? ' Set EVENT_STORE_API_KEY to a key of the service with the scopes events:write and events:read.'
        : ''
    throw new DemoFailure(
      `${method} ${path} was answered ${answer.status} ${title ?? ''}: ${detail ?? text.slice(0, 500)}${hint}`,
    )
  }
  const items = async (path: string) => {
    const { text } = await call(path, { accept: LINES })
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map(readItem)
  }
  return {
    url,
    post: async (body) => {
      const { status, text } = await call('/v1/events', { body })
      return { status, answer: parse(text) }
    },
    json: async (path) => parse((await call(path)).text),
    item: async (path) => readItem((await call(path)).text),
    items,
    newestPosition: async () => (await items('/v1/events?order=desc&limit=1'))[0]?.cursor ?? '0',
  }
}

/** Takes an item apart without parsing its event: `JSON.parse` would round the event's large numbers. */
function readItem(item: string): DemoItem {
  const [head = '', seq = '', cursor = ''] = /^\{"seq":(\d+),"cursor":"(\d+)","recorded_at":"[^"]+","event":/.exec(item) ?? []
  if (head === '') throw new DemoFailure(`The service gave what is no item: ${item.slice(0, 200)}`)
  return { seq: Number(seq), cursor, text: item.slice(head.length, -1) }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
