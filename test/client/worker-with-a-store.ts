import { HttpEventStore } from '../../src/client/index.ts'

/*
 * A Worker that keeps its stores at the top of its module, where all of its requests share them. What a request has under way
 * is cancelled once it has answered.
 */

interface Environment {
  readonly URL: string
}

let stores: Record<string, HttpEventStore> | undefined

const open = (url: string): Record<string, HttpEventStore> => ({
  plain: new HttpEventStore({ url }),
  buffered: new HttpEventStore({ url, buffer: { maxDelayMs: 20 }, timeoutMs: 1_000, retry: { attempts: 1, budgetMs: 0 } }),
})

export default {
  async fetch(request: Request, environment: Environment): Promise<Response> {
    stores ??= open(environment.URL)
    const { pathname } = new URL(request.url)
    const store = stores[pathname.slice(1)] as HttpEventStore
    const { record = [], read = [] } = (await request.json()) as { record?: string[]; read?: string[] }
    const results = await Promise.all(record.map((text) => store.recordEvent(text)))
    const events = await Promise.all(read.map((id) => store.getEvent(id)))
    return Response.json({
      recorded: results.reduce((sum, { recorded }) => sum + recorded, 0),
      read: events.map((event) => event?.event_id ?? null),
    })
  },
}
